"""Reading an issue: an Issue, or every problem in the file at once, each with its place and what to do."""

from __future__ import annotations

import json
import re
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsletter import message
from newsletter.errors import ConfigError, ContentError, NewsletterError, UsageError
from newsletter.load import issue_ids, load_issue, misnamed, newest
from newsletter.model import Ignore, Issue

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LINK_HINT = "  A link begins with https://, http://, mailto: or tel:."
LIST_HINT = '  Write each item on a line of its own, beginning with "- ".'
LINE_HINT = '  Write one line of text. Text with a comma, colon or bracket can stand in "quotes".'
EMPTY_HINT = "  Write something there, or take the key out."
HEADER_HINT = "  Write it again, in plain words."
UNSEEN_HINT = "  Delete it: it is invisible, and often comes in by pasting."
TYPES_HINT = "  The types are: article, diary, links, training."
NOTHING = "issues/2026-01.yaml:1:11: warning N005: the issue has no sections\n  Write at least one."


@pytest.fixture
def load(workspace: Path) -> Callable[..., Issue]:
    """A function that writes *text* as an issue and reads it: ``load(text, id="2026-01")``."""

    def read(text: str | bytes, id: str = "2026-01", **more: str) -> Issue:  # noqa: A002
        data = dedent(text).encode() if isinstance(text, str) else text
        (workspace / f"issues/{id}.yaml").write_bytes(data)
        return load_issue(workspace, id, **more)

    return read


@pytest.fixture
def faults(load: Callable[..., Issue]) -> Callable[..., list[str]]:
    """A function that reads *text* as an issue that cannot be used, and returns what is said of it."""

    def read(text: str | bytes, id: str = "2026-01") -> list[str]:  # noqa: A002
        with pytest.raises(ContentError) as caught:
            load(text, id)
        assert caught.value.exit_code == 1
        return [str(finding).removeprefix(f"issues/{id}.yaml:") for finding in caught.value.findings]

    return read


def article(*lines: str) -> str:
    """Return an issue of one article with these further lines."""
    head = ["sections:", "  - type: article", "    title: News"]
    return "\n".join([*head, *(f"    {line}" for line in lines)]) + "\n"


# Everything at once


def test_every_fault_of_a_file_is_told_at_once(load: Callable[..., Issue]) -> None:
    """A file with a dozen faults is refused with all of them, in the order of their places."""
    issue = r"""
        subjct: January
        draft: yes
        welcome: |
          Hello

          [press](javascript:alert(1))
        sections:
          - type: artcle
            title: One
          - type: article
            title: ""
            image: {src: images/none.png}
            links:
              - {text: Go, url: //example.org/x, note: no}
          - type: training
            title: Courses
            courses:
              - title: First
                sessions: [Tuesday 3 February 2026, 9am to 3.30pm]
                book: example.org/book
              - sessions: 3 February 2026
          - type: diary
            title: Dates
            dates:
              - 10 February - Safer Internet Day
              - {when: 03/02/2026, what: Two ways}
          - just text
        """
    with pytest.raises(ContentError) as caught:
        load(issue.lstrip("\n"))
    expected = """\
        issues/2026-01.yaml:1:1: error N004: unknown key "subjct"
          Did you mean "subject"?
        issues/2026-01.yaml:2:8: error N006: "yes" is neither true nor false
          Write true or false.
        issues/2026-01.yaml:6:3: error N009: "javascript:alert(1)" is not a link that can be sent
          A link begins with https://, http://, mailto: or tel:.
        issues/2026-01.yaml:8:11: error N004: "artcle" is not a section type
          Did you mean "article"?
        issues/2026-01.yaml:10:5: error N005: "body" is missing
          Add a line that begins with body:.
        issues/2026-01.yaml:11:12: error N005: "title" is empty
          Write something there, or take the key out.
        issues/2026-01.yaml:12:12: error N005: "alt" is missing
          Add a line that begins with alt:.
        issues/2026-01.yaml:12:18: error N010: there is no picture "images/none.png"
          Put the file there, or mend the name.
        issues/2026-01.yaml:14:25: error N009: "//example.org/x" is not a link that can be sent
          A link begins with https://, http://, mailto: or tel:.
        issues/2026-01.yaml:14:42: error N004: unknown key "note"
          The keys here are: text, url.
        issues/2026-01.yaml:19:19: error N007: in brackets, a comma parts two items
          Write each session on a line of its own:
          - Tuesday 3 February 2026, 9am to 3.30pm
        issues/2026-01.yaml:20:15: error N009: "example.org/book" is not a link that can be sent
          Write "https://example.org/book".
        issues/2026-01.yaml:21:9: error N005: "title" is missing
          Add a line that begins with title:.
        issues/2026-01.yaml:21:19: error N006: "sessions" should be a list, and is text
          Write each item on a line of its own, beginning with "- ".
        issues/2026-01.yaml:25:9: error N007: the date "10 February" has no year
          Write it with its year: "10 February 2026 - Safer Internet Day".
        issues/2026-01.yaml:26:16: error N008: "03/02/2026" can be read two ways
          Write "Tuesday 3 February 2026" or "Monday 2 March 2026".
        issues/2026-01.yaml:27:5: error N006: a section should be a group of keys
          Begin it with its type, as in type: article. The types are: article, diary, links, training.
        """
    assert caught.value.message == "issues/2026-01.yaml cannot be used yet"
    assert dedent(expected).rstrip("\n") == "\n".join(str(finding) for finding in caught.value.findings)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("subject: Hi\n", '1:1: error N005: "sections" is missing\n  Add a line that begins with sections:.'),
        ("sections:\n", '1:10: error N005: "sections" is empty\n  Write something after the colon.'),
        ("sections: {}\n", f'1:11: error N006: "sections" should be a list, and is a group of keys\n{LIST_HINT}'),
        ("sections: text\n", f'1:11: error N006: "sections" should be a list, and is text\n{LIST_HINT}'),
        ("sections: [{title: Hi}]\n", f"1:12: error N005: a section needs its type\n{TYPES_HINT}"),
        ("sections: [{type: [diary]}]\n", f"1:19: error N005: a section needs its type\n{TYPES_HINT}"),
        (
            "sections: [{type: __init__}]\n",
            '1:19: error N004: "__init__" is not a section type\n  There is: article, diary, links, training.',
        ),
        ('subject: "  "\nsections: []\n', f'1:10: error N005: "subject" is empty\n{EMPTY_HINT}'),
        (
            "subject: [Draft] \nsections: []\n",
            f'1:10: error N006: "subject" should be text, and is a list\n{LINE_HINT}',
        ),
        (
            "subject: {}\nsections: []\n",
            f'1:10: error N006: "subject" should be text, and is a group of keys\n{LINE_HINT}',
        ),
        (article("body: [x]"), '4:11: error N006: "body" should be text, and is a list\n' + LINE_HINT),
        (article('body: "  "'), f"4:11: error N005: there is no text here\n{EMPTY_HINT}"),
        (
            article("body: x", "image: images/a.png"),
            (
                '5:12: error N006: "image" should be keys and values, and is text\n'
                "  Write it as in image: {src: ..., alt: ...}"
            ),
        ),
        (
            article("body: x", "courses: []"),
            '5:5: error N004: unknown key "courses"\n  The keys here are: title, type, body, image, links.',
        ),
        ("ignores: [N121]\nsections: []\n", '1:1: error N004: unknown key "ignores"\n  Did you mean "check-ignore"?'),
        (
            "sections:\n- type: training\n  title: T\n  courses: {title: Hi}\n",
            f'4:12: error N006: "courses" should be a list, and is a group of keys\n{LIST_HINT}',
        ),
        ("sections:\n- type: links\n  title: T\n  links: []\n", f'4:10: error N005: "links" is empty\n{EMPTY_HINT}'),
    ],
)
def test_what_is_of_the_wrong_kind_is_told(faults: Callable[..., list[str]], text: str, expected: str) -> None:
    """A value of the wrong kind, an empty one and a missing one are told where they stand."""
    assert [expected] == faults(text)


def test_section_title_without_text_is_missing(faults: Callable[..., list[str]]) -> None:
    """A title without a value is told as empty; one that is misspelt is told as that, and not as missing too."""
    text = "sections:\n  - type: article\n    title:\n    body: x\n  - type: article\n    tilte: Hi\n    body: x\n"
    empty = '3:11: error N005: "title" is empty\n  Write something after the colon.'
    misspelt = '6:5: error N004: unknown key "tilte"\n  Did you mean "title"?'
    assert [empty, misspelt] == faults(text)


def test_hint_of_a_year_is_that_of_the_issue(faults: Callable[..., list[str]]) -> None:
    """A date without its year is offered with the year in which it lies nearest to the issue."""
    text = "sections:\n  - {type: diary, title: D, dates: [10 January - A, {when: 20 December, what: B}]}\n"
    said = "\n".join(faults(text, "2025-12"))
    assert ['"10 January 2026 - A"', '"20 December 2025"'] == re.findall(r'its year: (".*?")', said)


def test_long_words_are_told_in_short_and_harmless(faults: Callable[..., list[str]]) -> None:
    """A message never holds more than a line of the author's words, nor a character that turns a terminal."""
    first, second = faults(f"{'k' * 900}: x\ndraft: 'a\u202eb'\nsections: []\n")
    assert f'1:1: error N004: unknown key "{"k" * 184}...' == first.split("\n")[0]
    assert '2:8: error N006: "a?b" is neither true nor false\n  Write true or false.' == second


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


# What is no issue


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "1:1: error N001: the file is empty"),
        (b"- a\n", "1:1: error N001: expected keys with their values, found a list"),
        (b'{"subject": "x"}', "1:1: error N001: this is not YAML but JSON"),
        (b"<!doctype html>", "1:1: error N001: this is not YAML but a web page (HTML)"),
        (b"PK\x03\x04", "1:1: error N001: this is not YAML but a zip archive, such as a Word or Excel file"),
        (b"? [a]\n: b\n", "1:3: error N002: a key must be a word, not a list or a group of keys"),
    ],
)
def test_file_that_is_no_issue_is_refused(faults: Callable[..., list[str]], data: bytes, expected: str) -> None:
    """What is no YAML with keys is refused before anything is read from it."""
    assert expected == faults(data)[0].split("\n")[0]


def test_unquoted_colon_is_told_with_the_line_to_paste(
    faults: Callable[..., list[str]], load: Callable[..., Issue]
) -> None:
    """A title with a colon is refused with the corrected line, and with that line the issue can be read."""
    text = "sections:\n  - type: article\n    title: Bullying: what helps\n    body: x\n"
    (said,) = faults(text)
    head, _, mended = said.split("\n", 2)
    assert "3:12: error N001: a colon inside text needs quotes around the text" == head
    assert '      title: "Bullying: what helps"' == mended
    issue = load(text.replace("    title: Bullying: what helps", mended.removeprefix("  ")))
    assert ["Bullying: what helps"] == [section.title for section in issue.sections]


@pytest.mark.parametrize(
    "text",
    [
        "sections:\n" + "- {type: article, title: A, body: B}\n" * 10_000,
        article("body: |", *("  word " * 100 for _ in range(1500))),
    ],
)
def test_oversize_issue_is_refused(faults: Callable[..., list[str]], text: str) -> None:
    """Ten thousand articles, or a megabyte of text, are no issue."""
    (said,) = faults(text)
    assert re.match(r"\d+:\d+: error N00[12]: (more than 20,000 values|the file is larger than 512 kB)", said)


def test_link_out_of_the_workspace_is_refused(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """An issue that is a link to a file elsewhere is refused, and the target named."""
    target = tmp_path_factory.mktemp("elsewhere") / "secret.yaml"
    target.write_text("sections: []\n", "utf-8")
    (workspace / "issues/2026-01.yaml").symlink_to(target)
    with pytest.raises(ContentError) as caught:
        load_issue(workspace, "2026-01")
    assert [
        (
            "issues/2026-01.yaml:1:1: error N001: this is a link to a file outside this workspace\n"
            f"  It leads to {target.as_posix()}. Copy that file here instead."
        )
    ] == [str(finding) for finding in caught.value.findings]


def test_link_to_itself_is_told(workspace: Path) -> None:
    """An issue that is a link to itself is told in one line, like a folder of that name."""
    (workspace / "issues/2026-01.yaml").symlink_to(workspace / "issues/2026-01.yaml")
    (workspace / "issues/2026-02.yaml").mkdir()
    for issue in ("2026-01", "2026-02"):
        with pytest.raises(ConfigError, match=rf"^issues/{issue}\.yaml "):
            load_issue(workspace, issue)


# Names


@pytest.mark.parametrize(
    "issue",
    [
        "../../etc/passwd",
        "/etc/passwd",
        r"..\x",
        "2026-01\n",
        "2026-01;ls",
        "$(id)",
        "2026-01\0",
        "-rf",
        "2026-13",
        "0000-01",
        "2026-1",
        "january",
        "2026-01-Extra",
        "2026-01--extra",
        "2026-01-",
        "2026-01-" + "a" * 33,
        "",
        "٢٠٢٦-01",
    ],
)
def test_what_is_no_issue_id_is_refused(workspace: Path, issue: str) -> None:
    """An id that is none is refused before any file is looked for, and told in one line."""
    with pytest.raises(UsageError) as caught:
        load_issue(workspace, issue)
    assert f"{issue!r} is not an issue id" == caught.value.message
    assert (
        "An issue is named by year and month, as in 2026-01, or 2026-01-a-name for a special edition."
        == caught.value.hint
    )


@pytest.mark.parametrize(
    "named", ["issues/2026-01.yaml", r"issues\2026-01.yaml", "2026-01.yaml", "./issues/2026-01.yml", "build/2026-01/"]
)
def test_the_file_of_an_issue_is_met_with_its_id(named: str, workspace: Path, write_issue: Callable[..., Path]) -> None:
    """Whoever names an issue by its file or folder, as a shell completes it, is told the id to type."""
    write_issue("sections: []")
    with pytest.raises(UsageError) as caught:
        load_issue(workspace, named)
    assert (f"{named!r} is not an issue id", 'Did you mean "2026-01"?') == (caught.value.message, caught.value.hint)


def test_issue_that_does_not_exist_is_told(load: Callable[..., Issue], workspace: Path) -> None:
    """An id without a file is told with the nearest one there is, or with the name to write it under."""
    load("sections: []\n", "2026-01")
    hints = []
    for issue in ("2026-02", "1999-12-party"):
        with pytest.raises(UsageError, match=rf"^there is no issue {issue}$") as caught:
            load_issue(workspace, issue)
        hints.append(caught.value.hint)
    assert ['Did you mean "2026-01"?', "Write it as issues/1999-12-party.yaml."] == hints


def test_issues_are_listed_by_their_names(workspace: Path) -> None:
    """Files named by an id are issues, oldest first; others are told apart; the newest is never a special edition."""
    for name in [
        "2026-01.yaml",
        "2025-12.yaml",
        "2026-02-extra.yaml",
        "january.yaml",
        "2026-03.yml",
        "aux.yaml",
        "schema.json",
    ]:
        (workspace / "issues" / name).write_text("sections: []\n", "utf-8")
    assert ("2025-12", "2026-01", "2026-02-extra") == issue_ids(workspace)
    assert ("2026-03.yml", "aux.yaml", "january.yaml") == misnamed(workspace)
    assert "2026-01" == newest(workspace)


def test_no_issue_yet(workspace: Path) -> None:
    """Without a monthly issue there is no newest, and the hint says how to write one."""
    (workspace / "issues/2026-01-extra.yaml").write_text("sections: []\n", "utf-8")
    with pytest.raises(UsageError, match=r"^there is no issue yet$") as caught:
        newest(workspace)
    assert "Write one as issues/2026-01.yaml, named by year and month." == caught.value.hint


# Defaults


def test_defaults_are_filled_in(load: Callable[..., Issue]) -> None:
    """An issue without sections is valid: its subject is of its month, it is no draft, and a warning says so."""
    issue = load("sections: []\n", welcome="Hello")
    assert ("2026-01", "January 2026 newsletter", "", False, "Hello", (), ()) == (
        issue.id, issue.subject, issue.preheader, issue.draft, issue.welcome, issue.sections, issue.ignores,
    )  # fmt: skip
    assert [NOTHING] == [str(finding) for finding in issue.findings]


def test_what_is_written_wins_over_the_defaults(load: Callable[..., Issue]) -> None:
    """Subject, preheader, draft and welcome are the author's where they are given."""
    issue = load("subject: S\npreheader: P\ndraft: TRUE\nwelcome: W\nsections: []\n", welcome="Hello")
    assert ("S", "P", True, "W") == (issue.subject, issue.preheader, issue.draft, issue.welcome)


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        (["One"], "One"),
        (["One", "Two"], "One · Two"),
        (["a" * 50, "b" * 47], f"{'a' * 50} · {'b' * 47}"),
        (["a" * 50, "b" * 48], "a" * 50),
        (["a" * 90, "to b", "c"], f"{'a' * 90} · to b"),
        (["a" * 92, "to be cut", "c"], f"{'a' * 92} · to be"),
        (["a" * 120], "a" * 100),
    ],
)
def test_preheader_comes_from_the_titles(load: Callable[..., Issue], titles: list[str], expected: str) -> None:
    """Without a preheader the sections' titles stand in, cut at a word before 100 characters."""
    sections = "".join(f"  - {{type: article, title: {title}, body: x}}\n" for title in titles)
    assert expected == load(f"sections:\n{sections}").preheader


def test_special_edition_needs_its_subject(faults: Callable[..., list[str]], load: Callable[..., Issue]) -> None:
    """A special edition has no month's name to go by: it must say what it is about."""
    hint = "Add a line subject: with what it is about."
    expected = f"1:1: error N005: a special edition needs its own subject\n  {hint}"
    assert [expected] == faults("sections: []\n", "2026-01-extra")
    assert [expected.replace("1:1", "1:9")] == faults("subject:\nsections: []\n", "2026-01-extra")
    assert "Extra" == load("subject: Extra\nsections: []\n", "2026-01-extra").subject


def test_checks_are_switched_off_by_code_or_for_one_text(load: Callable[..., Issue]) -> None:
    """A check is named by its code alone, or with the text and the reason."""
    issue = load("check-ignore: [N121, {code: N131, text: Jo Bloggs, why: She agreed}, {code: N141}]\nsections: []\n")
    at = [("check-ignore", index) for index in range(3)]
    assert (
        Ignore("N121", trail=at[0]),
        Ignore("N131", "Jo Bloggs", "She agreed", at[1]),
        Ignore("N141", trail=at[2]),
    ) == issue.ignores


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("N121", f'1:15: error N006: "check-ignore" should be a list, and is text\n{LIST_HINT}'),
        (
            "[[N121]]",
            '1:16: error N006: "check-ignore" should be keys and values, and is a list\n  Write it as in - {code: ...}',
        ),
        ('[""]', f'1:16: error N005: "code" is empty\n{EMPTY_HINT}'),
        ("[{text: a, why: b}]", '1:16: error N005: "code" is missing\n  Add a line that begins with code:.'),
        (
            "[{code: N1, text: a}]",
            '1:16: error N005: "text" and "why" belong together\n  Write both, or only the code.',
        ),
        ("[{code: N1, texts: a}]", '1:27: error N004: unknown key "texts"\n  Did you mean "text"?'),
    ],
)
def test_check_ignore_of_another_form_is_told(faults: Callable[..., list[str]], written: str, expected: str) -> None:
    """What is no list of codes is told at the item."""
    assert [expected] == faults(f"check-ignore: {written}\nsections: []\n")


# Whatever is written

TEXT = st.text(max_size=30) | st.sampled_from(
    [
        "article",
        "diary",
        "links",
        "training",
        "3 February 2026",
        "9am",
        "https://example.org",
        "true",
        "[x](y:z)",
        "N121",
    ]
)
KEYS = st.sampled_from(
    [
        "subject",
        "preheader",
        "draft",
        "welcome",
        "sections",
        "check-ignore",
        "type",
        "title",
        "body",
        "image",
        "src",
        "alt",
        "links",
        "text",
        "url",
        "note",
        "intro",
        "courses",
        "description",
        "sessions",
        "date",
        "start",
        "end",
        "location",
        "cancelled",
        "book",
        "dates",
        "when",
        "what",
        "code",
        "why",
        "tilte",
    ]
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    TEXT, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=20
)
SECTIONS = st.fixed_dictionaries(
    {"type": st.sampled_from(["article", "diary", "links", "training"]), "title": TEXT},
    optional=dict.fromkeys(("body", "image", "links", "intro", "courses", "dates"), VALUES),
)

ISSUES = st.fixed_dictionaries(
    {"sections": st.lists(SECTIONS, max_size=3) | VALUES},
    optional={"subject": TEXT, "welcome": TEXT, "draft": TEXT, "check-ignore": VALUES},
)


@settings(deadline=None, max_examples=150)
@given(ISSUES)
@example({"sections": [{"type": "article", "title": "A", "body": "999999999. " * 30 + "words"}]})
def test_whatever_is_written_is_an_issue_or_findings(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    """Any text under the known keys is read as an issue, or refused with findings that lie inside the file."""
    root = tmp_path_factory.mktemp("any")
    (root / "issues").mkdir()
    text = yaml.safe_dump(value, allow_unicode=True, sort_keys=False, default_style='"')
    (root / "issues/2026-01.yaml").write_text(text, "utf-8", newline="\n")
    try:
        findings = load_issue(root, "2026-01").findings
    except NewsletterError as error:
        findings = error.findings
        assert findings
    lines = re.split(r"\r\n|\r|\n", text)
    for finding in findings:
        assert finding.place.file == "issues/2026-01.yaml"
        assert 1 <= finding.place.line <= len(lines)
        assert 1 <= finding.place.column <= len(lines[finding.place.line - 1]) + 1
        assert "\n" not in finding.message
