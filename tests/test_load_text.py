"""Reading an issue: the text, links and pictures that must not stand in it, each refused where it is written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import loading
import pytest
import yaml
from loading import article

from newsletter import message

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsletter.model import Issue

load, faults = loading.load, loading.faults

LINK_HINT = "  A link begins with https://, http://, mailto: or tel:."
HEADER_HINT = "  Write it again, in plain words."
UNSEEN_HINT = "  Delete it: it is invisible, and often comes in by pasting."


# Text and what must not stand in it


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            r'"a\x0d\x0aBcc: x@example.org"',
            f"1:10: error N011: the character U+000D cannot stand in text\n{UNSEEN_HINT}",
        ),
        (r'"a\0"', f"1:10: error N011: the character U+0000 cannot stand in text\n{UNSEEN_HINT}"),
        (r'"a\Lb"', f"1:10: error N011: the character U+2028 cannot stand in text\n{UNSEEN_HINT}"),
        (r'"a\Nb"', f"1:10: error N011: the character U+0085 cannot stand in text\n{UNSEEN_HINT}"),
        (r'"a\vb"', f"1:10: error N011: the character U+000B cannot stand in text\n{UNSEEN_HINT}"),
        (r'"a\fb"', f"1:10: error N011: the character U+000C cannot stand in text\n{UNSEEN_HINT}"),
        ("a\x1b[31mb", f"1:11: error N011: the character U+001B cannot stand in text\n{UNSEEN_HINT}"),
        ("a\x07b", f"1:11: error N011: the character U+0007 cannot stand in text\n{UNSEEN_HINT}"),
        (r'"a\ud800b"', f"1:10: error N011: the character U+D800 cannot stand in text\n{UNSEEN_HINT}"),
        (
            "a\u202eb",
            f"1:10: error N011: a mail header cannot hold a character that reverses the writing\n{HEADER_HINT}",
        ),
        ("a\u200bb", f"1:10: error N011: a mail header cannot hold an invisible character\n{HEADER_HINT}"),
        (
            '"=?utf-8?q?a=0D=0ABcc:_x=40example.org?= é"',
            f'1:10: error N011: a mail header cannot hold text such as "=?...?="\n{HEADER_HINT}',
        ),
        ("a" * 5000, f"1:10: error N011: this is longer than 200 characters\n{HEADER_HINT}"),
    ],
)
def test_subject_that_cannot_stand_in_a_header_is_refused(
    faults: Callable[..., list[str]], written: str, expected: str
) -> None:
    """A subject that could add a header, hide a word or end the head is refused where it is written."""
    if written == r'"a\ud800b"' and not yaml.__with_libyaml__:
        pytest.skip("the pure parser reads no half of a pair")
    text = f"subject: {written}\nsections: []\n"
    if "ud800" in written:
        assert "1:10: error N001" in "".join(faults(text)) or [expected] == faults(text)
    else:
        assert [expected] == faults(text)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (r'"one\n  two\n"', "one two"),
        (">\n  one\n  two", "one two"),
        ("👩‍👧", "👩‍👧"),
        ("=", "="),
        ("012", "012"),
        ("no", "no"),
        ("9:30", "9:30"),
        ("2026-02-10", "2026-02-10"),
    ],
)
def test_subject_is_one_line_of_the_text_written(load: Callable[..., Issue], written: str, expected: str) -> None:
    """A subject arrives as the text that was written, its lines joined, whatever else YAML takes it for."""
    assert expected == load(f"subject: {written}\nsections: []\n").subject


@pytest.mark.parametrize("placeholder", [message.GREETING, message.UNSUBSCRIBE, message.LIST_TITLE])
@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("subject: A {}\nsections: []\n", "1:10"),
        ("preheader: A {}\nsections: []\n", "1:12"),
        ("welcome: A {}\nsections: []\n", "1:10"),
        ("sections:\n- {{type: article, title: A {}, body: x}}\n", "2:26"),
        ("sections:\n- type: article\n  title: A\n  body: |\n    x\n    {}\n", "5:5"),
        ("sections:\n- {{type: links, title: A, links: [{{text: B, url: 'https://example.org/{}'}}]}}\n", "2:50"),
    ],
)
def test_own_placeholders_are_refused(
    faults: Callable[..., list[str]], written: str, place: str, placeholder: str
) -> None:
    """Text that would be filled in for each person, as our own placeholders are, does not get past reading."""
    expected = f'{place}: error N011: "{placeholder}" has a meaning of its own here\n  Write it in another way.'
    assert [expected] == faults(written.format(placeholder))


@pytest.mark.parametrize(
    "written",
    [
        r"NL\_WHO\_NL",
        "NL&#95;WHO_NL",
        "&#78;L&lowbar;WHO_NL",
        "NL_**WHO**_NL",
        "[x](https://example.org/NL&#95;WHO_NL)",
    ],
)
def test_placeholders_cannot_be_put_together_by_markdown(faults: Callable[..., list[str]], written: str) -> None:
    """A placeholder that is whole only once the Markdown is read is refused all the same."""
    expected = '4:11: error N011: "NL_WHO_NL" has a meaning of its own here\n  Write it in another way.'
    assert [expected] == faults(article(f"body: '{written}'"))


def test_placeholder_in_the_name_of_a_language_is_refused(faults: Callable[..., list[str]]) -> None:
    """A placeholder that comes out in the HTML alone, as the class of a piece of code, is refused too."""
    expected = '5:7: error N011: "NL_LIST_TITLE_NL" has a meaning of its own here\n  Write it in another way.'
    assert [expected] == faults(article("body: |", "  ```NL&#95;LIST_TITLE_NL", "  x", "  ```"))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            ["- " * 9 + "x"],
            "5:7: error N011: nested too deeply\n  Write it with fewer lists and quotations inside each other.",
        ),
        (
            ["One", "", ">" * 200 + "x"],
            "7:7: error N011: nested too deeply\n  Write it with fewer lists and quotations inside each other.",
        ),
        (
            ["x" * 50_000],
            (
                "5:7: error N011: this text is longer than 50,000 characters\n"
                "  Put it into several sections, or link to a page with all of it."
            ),
        ),
        *(
            (
                [sign * 1_001],
                "5:7: error N011: this text has more than 1,000 brackets or links\n  Put it into several sections.",
            )
            for sign in ("[", "https://a", "mailto:a@a")
        ),
    ],
    ids=["lists", "quotations", "long", "brackets", "addresses", "mail addresses"],
)
def test_markdown_that_is_too_much_is_refused(
    faults: Callable[..., list[str]], lines: list[str], expected: str
) -> None:
    """Text of which something would be lost, or that takes minutes to read, is refused."""
    assert [expected] == faults(article("body: |", *(f"  {line}" for line in lines)))


def test_markdown_may_be_deep_and_long(load: Callable[..., Issue]) -> None:
    """Eight lists in each other, a thousand brackets and fifty thousand characters are read."""
    text = ("- " * 8 + "x\n\n" + "[" * 1_000 + "\n\n").ljust(50_000, "x")
    (section,) = load(f"sections:\n- {{type: article, title: A, body: {json.dumps(text)}}}\n").sections
    assert [text] == [prose.text for prose in section.prose()]


# Links and pictures


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("javascript:alert(1)", f'"javascript:alert(1)" is not a link that can be sent\n{LINK_HINT}'),
        ("JaVaScRiPt:alert(1)", f'"JaVaScRiPt:alert(1)" is not a link that can be sent\n{LINK_HINT}'),
        (
            "java\tscript:x",
            '"java script:x" is not a web address\n  Write it without blanks, as https://example.org/page.',
        ),
        ("data:text/html,x", f'"data:text/html,x" is not a link that can be sent\n{LINK_HINT}'),
        ("vbscript:x", f'"vbscript:x" is not a link that can be sent\n{LINK_HINT}'),
        ("file:///etc/passwd", f'"file:///etc/passwd" is not a link that can be sent\n{LINK_HINT}'),
        ("//example.org", f'"//example.org" is not a link that can be sent\n{LINK_HINT}'),
        ("/page", f'"/page" is not a link that can be sent\n{LINK_HINT}'),
        ("#top", f'"#top" is not a link that can be sent\n{LINK_HINT}'),
        ("example.org/a", '"example.org/a" is not a link that can be sent\n  Write "https://example.org/a".'),
        ("a@example.org", '"a@example.org" is not a link that can be sent\n  Write "mailto:a@example.org".'),
        ("https://a b", '"https://a b" is not a web address\n  Write it without blanks, as https://example.org/page.'),
        (
            "https://a\u202eb",
            '"https://a?b" is not a web address\n  Write it without blanks, as https://example.org/page.',
        ),
        ("http://[::1", '"http://[::1" is not a web address\n  Write it without blanks, as https://example.org/page.'),
        ("https://", f'"https://" leads nowhere\n{LINK_HINT}'),
        ("http:example.org", f'"http:example.org" leads nowhere\n{LINK_HINT}'),
        (r"https:\\example.org", f'"https:\\\\example.org" leads nowhere\n{LINK_HINT}'),
        ("mailto:", f'"mailto:" leads nowhere\n{LINK_HINT}'),
        (
            "https://gov.uk@example.org",
            (
                '"https://...@example.org" is not a link that can be sent\n'
                "  It leads to example.org: what stands before the @ only looks like the address. Leave it out."
            ),
        ),
        (
            "http://us:hunter2@a b",
            '"http://...@a b" is not a web address\n  Write it without blanks, as https://example.org/page.',
        ),
        ("us:hunter2@a", f'"us:...@a" is not a link that can be sent\n{LINK_HINT}'),
        (
            "https://example.org:99999/",
            '"https://example.org:99999/" is not a web address\n  Write it without blanks, as https://example.org/page.',
        ),
        *(
            (url, f'"{url}" is not a link that can be sent\n  In a link, write {escape} for {sign}.')
            for url, sign, escape in (
                (r"https://evil.example.org\.gov.uk/", "\\", "%5C"),
                ('https://example.org/"onclick="x', '"', "%22"),
                ("tel:<script>", "<", "%3C"),
                ("https://example.org/a>b", ">", "%3E"),
                ("https://example.org/a^b", "^", "%5E"),
                ("https://example.org/a`b", "`", "%60"),
                ("https://example.org/{{x}}", "{", "%7B"),
                ("https://example.org/x}", "}", "%7D"),
                ("https://example.org/*|X|*", "|", "%7C"),
            )
        ),
        *(
            (url, f'"{url}" is not a link that can be sent\n  Look at the name between // and the next /: it is none.')
            for url in (
                "https://gov.uk%40example.org/",
                "https://ｅxample.org/",
                "https://a_b.example.org/",
                "https://-/",
            )
        ),
        *(
            (url, f'"{url}" is not a link that can be sent\n  Write the number alone, as in tel:+441130000000.')
            for url in ("tel:0113,1", "tel:help", "tel:1;ext=2")
        ),
        *(
            (url, f'"{shown}" is not a link that can be sent\n  Write one address, and at most ?subject= and &body=.')
            for url, shown in (
                ("mailto:a@example.org?bcc=b@example.org", "mailto:...@example.org"),
                ("mailto:a@example.org?subject=x&CC=b", "mailto:...@example.org?subject=x&CC=b"),
                ("mailto:a@example.org,b@example.org", "mailto:...@example.org"),
                ("mailto:a@example.org%2Cb@example.org", "mailto:...@example.org"),
                ("mailto:office", "mailto:office"),
            )
        ),
    ],
)
def test_unsafe_link_in_a_key_is_refused(faults: Callable[..., list[str]], url: str, said: str) -> None:
    """A link that is not https, http, mailto or tel, that leads nowhere or pretends, is refused at its key."""
    text = article("body: x", "links:", f"  - {{text: Go, url: '{url}'}}")
    assert [f"6:25: error N009: {said}"] == faults(text)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("[x](javascript:alert(1))", "javascript:alert(1)"),
        ("[x](JaVaScRiPt:alert(1))", "JaVaScRiPt:alert(1)"),
        ("[x](&#106;avascript:alert(1))", "javascript:alert(1)"),
        ("[x](&#x6A;avascript&colon;alert(1))", "javascript:alert(1)"),
        (r"[x](java\script:alert(1))", "java%5Cscript:alert(1)"),
        ("[x](<java\tscript:alert(1)>)", "java%09script:alert(1)"),
        ("<vbscript:msgbox>", "vbscript:msgbox"),
        ("[x](data:text/html;base64,eA==)", "data:text/html;base64,eA=="),
        ("[x](file:///etc/passwd)", "file:///etc/passwd"),
        ("[x](//example.org)", "//example.org"),
        ("[x](page)", "page"),
        ("[x]()", ""),
        ("[x][r]\n\n  [r]: javascript:x", "javascript:x"),
    ],
)
def test_unsafe_link_in_markdown_is_refused(faults: Callable[..., list[str]], written: str, told: str) -> None:
    """A link in Markdown is refused in every spelling, at its line, blank lines before the text counted."""
    text = article("body: |", "", "", "  First", "  line,", f"  then {written}".replace("\n", "\n    "))
    assert [f'9:7: error N009: "{told}" is not a link that can be sent\n{LINK_HINT}'] == faults(text)


def test_links_that_can_be_sent_are_kept(load: Callable[..., Issue]) -> None:
    """Web, mail and telephone links arrive as they were written, without the blanks around them."""
    urls = [
        "https://example.org",
        "HTTP://example.org/a?b=c#d",
        "https://example.org:8443/@us/a%20b",
        "https://[::1]/",
        "https://bücher.example.org/straße",
        "mailto:a@example.org",
        "mailto:a@example.org?subject=Hello%20you&body=x",
        "tel:+44(113)000-0000",
    ]
    buttons = [f"- {{text: Go, url: ' {url} '}}" for url in urls]
    issue = load(article("body: See [us](https://example.org/us) or https://example.org/bare.", "links:", *buttons))
    assert urls == [target.url for target in issue.targets()]


def test_picture_inside_text_is_refused(faults: Callable[..., list[str]]) -> None:
    """A picture has a key of its own, where its alt text is asked for."""
    hint = "Give the section image: {src: images/..., alt: ...} instead."
    expected = f"4:11: error N010: a picture inside the text\n  {hint}"
    assert [expected] == faults(article("body: '![alt](images/a.png)'"))


@pytest.mark.parametrize(
    ("src", "said"),
    [
        ("images/none.png", 'there is no picture "images/none.png"\n  Put the file there, or mend the name.'),
        (
            "lists/practitioners.csv",
            '"lists/practitioners.csv" is not a PNG, JPEG or GIF\n  Outlook shows no others. Save it as PNG.',
        ),
        *(
            (
                src,
                (
                    f'"{src}" is not a picture in this workspace\n'
                    "  Put it in images/ and write its path from there, as in images/picture.png."
                ),
            )
            for src in (
                "../../.ssh/id_rsa",
                "/etc/shadow",
                "file:///etc/shadow",
                r"images\a.png",
                "https://example.org/a.png",
            )
        ),
    ],
)
def test_picture_that_cannot_be_shown_is_refused(faults: Callable[..., list[str]], src: str, said: str) -> None:
    """A picture outside the workspace, or that is none, is refused at its name."""
    assert [f"5:18: error N010: {said}"] == faults(article("body: x", f"image: {{src: '{src}', alt: A}}"))
