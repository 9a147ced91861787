"""newsletter.yaml: every key of it, every fault of it at once, and where a workspace and its state are."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from newsletter.config import (
    Accessibility,
    Checks,
    Config,
    ListConfig,
    Network,
    Retention,
    Theme,
    Workspace,
    find_root,
    open_workspace,
)
from newsletter.errors import ConfigError, UsageError
from newsletter.message import Mailbox
from newsletter.review import discreet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LEAST = "title: News\norganisation: Us\nfrom: Us <us@example.org>\n"
MAILBOX_HINT = "  Write a name and one address: Practitioner newsletter <newsletter@example.org>"
HEADER_HINT = "  Write it again, in plain words."
ROTATE_HINT = (
    "  Make a new one at your provider, since this file may have been shared, and put that where secrets\n"
    "  belong: in the environment, or in .newsletter/secrets.env."
)

# The example of the design, with what it leaves open filled in.
EVERYTHING = """\
    # newsletter.yaml
    title: Practitioner newsletter
    organisation: Leeds Safeguarding Children Partnership
    from: Practitioner newsletter <newsletter@example.org>
    reply_to: office@example.org
    postal_address: 1 Example Street      # footer
    language: en-GB                # default
    timezone: Europe/London        # default
    website: https://example.org
    about: Who we are.             # one sentence of who we are: footer and archive front page
    accessibility: {contact: Ask us, url: https://example.org/accessibility}   # optional
    archive_url: https://example.org/newsletter/     # optional: where the archive is hosted
    unsubscribe_url: https://example.org/unsubscribe # optional: a page of yours that accepts ?t=TOKEN by POST
    quick_leave: https://www.bbc.co.uk/weather       # "Quick leave" button of the archive pages
    noindex: true                  # the archive asks search engines to leave it out
    theme: {accent: "#1d70b8", logo: images/logo.png, logo_alt: The council}   # all optional
    welcome: Hello, **all**.       # standing welcome text (Markdown); an issue may give its own
    greeting: Hello {first_name},  # optional, default none; the one place where a person's name is merged
    approval: false                # true: `send` needs `newsletter approve` of exactly these bytes
    provider: outbox               # the default for every list
    providers:                     # settings of those you use; a list may override any of them
      smtp: {host: smtp.example.org, port: 587, user: newsletter}
      mailgun: {domain: mg.example.org, region: eu}
    lists:                         # where a list's people are kept:
      practitioners: {title: Practitioners, file: lists/practitioners.csv, source: Sign-up form}
      schools: {provider: mailgun}                              # no file, batch provider: in people.db
      partners: {provider: mailchimp, audience: a1b2c3d4e5}     # campaign provider: kept there
    network: {proxy: "http://proxy:8080", ca: certs/council.pem}   # optional
    retention: {addresses: 90 days, outbox: 30 days}               # ledger addresses, outbox files
    checks: {ignore: [N121]}       # codes as `newsletter checks` lists them
    """


@pytest.fixture
def configure(tmp_path: Path) -> Callable[[str], Workspace]:
    """A function that writes newsletter.yaml and opens the workspace."""

    def write(text: str) -> Workspace:
        (tmp_path / "newsletter.yaml").write_text(dedent(text), "utf-8")
        return open_workspace(tmp_path)

    return write


@pytest.fixture
def faults(configure: Callable[[str], Workspace]) -> Callable[[str], list[str]]:
    """A function that writes a newsletter.yaml that cannot be used, and returns what is said of it."""

    def write(text: str) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            configure(text)
        assert caught.value.exit_code == 3
        return [str(finding).removeprefix("newsletter.yaml:") for finding in caught.value.findings]

    return write


def test_every_key_is_read(configure: Callable[[str], Workspace]) -> None:
    """The design's own example is read, each key as it was meant."""
    expected = {
        "title": "Practitioner newsletter",
        "organisation": "Leeds Safeguarding Children Partnership",
        "sender": "Practitioner newsletter <newsletter@example.org>",
        "reply_to": "office@example.org",
        "postal_address": "1 Example Street",
        "language": "en-GB",
        "timezone": "Europe/London",
        "website": "https://example.org",
        "about": "Who we are.",
        "accessibility": Accessibility(contact="Ask us", url="https://example.org/accessibility"),
        "archive_url": "https://example.org/newsletter/",
        "unsubscribe_url": "https://example.org/unsubscribe",
        "quick_leave": "https://www.bbc.co.uk/weather",
        "noindex": True,
        "theme": Theme(accent="#1d70b8", logo="images/logo.png", logo_alt="The council"),
        "welcome": "Hello, **all**.",
        "greeting": "Hello {first_name},",
        "approval": False,
        "provider": "outbox",
        "providers": {
            "smtp": {"host": "smtp.example.org", "port": "587", "user": "newsletter"},
            "mailgun": {"domain": "mg.example.org", "region": "eu"},
        },
        "lists": {
            "practitioners": ListConfig(title="Practitioners", file="lists/practitioners.csv", source="Sign-up form"),
            "schools": ListConfig(provider="mailgun"),
            "partners": ListConfig.model_validate({"provider": "mailchimp", "audience": "a1b2c3d4e5"}),
        },
        "network": Network(proxy="http://proxy:8080", ca="certs/council.pem"),
        "retention": Retention(addresses="90 days", outbox="30 days"),
        "checks": Checks(ignore=("N121",)),
    }
    config = configure(EVERYTHING).config
    assert expected == {name: getattr(config, name) for name in Config.model_fields}


def test_defaults_are_filled_in(configure: Callable[[str], Workspace], tmp_path: Path) -> None:
    """Three keys are enough; the rest has defaults that send nothing."""
    workspace = configure(LEAST)
    config = workspace.config
    assert (tmp_path, tmp_path / ".newsletter") == (workspace.root, workspace.state)
    assert ("en-GB", ZoneInfo("Europe/London"), "outbox", False, {}, {}, "#1d70b8", "90 days", "30 days") == (
        config.language, config.zone, config.provider, config.approval, config.lists, config.providers,
        config.theme.accent, config.retention.addresses, config.retention.outbox,
    )  # fmt: skip
    assert (Mailbox("Us", "us@example.org"),) * 2 == (config.from_mailbox, config.reply_mailbox)


def test_answers_go_to_reply_to(configure: Callable[[str], Workspace]) -> None:
    """A reply_to takes the answers, a bare address too."""
    assert Mailbox("", "office@example.org") == configure(f"{LEAST}reply_to: office@example.org\n").config.reply_mailbox


def test_archive_url_ends_with_a_slash(configure: Callable[[str], Workspace]) -> None:
    """The archive's address is a folder, however it was written."""
    assert "https://example.org/n/" == configure(f"{LEAST}archive_url: https://example.org/n\n").config.archive_url


# Lines that hold a secret, where that is, and the key that is named.
HELD = [
    ("api_key: s3cr3t", "4:1", "api_key"),
    ("password: s3cr3t", "4:1", "password"),
    ("providers: {mailgun: {api_key: s3cr3t}}", "4:23", "api_key"),
    ("providers: {smtp: {Password: s3cr3t}}", "4:20", "Password"),
    ("providers: {postmark: {server-token: s3cr3t}}", "4:24", "server-token"),
    ("lists: {a: {secret: s3cr3t}}", "4:13", "secret"),
    ("theme: {apikey: s3cr3t}", "4:9", "apikey"),
    ("providers: {smtp: {password: {value: s3cr3t}}}", "4:20", "password"),
    ("providers: {smtp: {tokens: [s3cr3t]}}", "4:20", "tokens"),
    ("providers: {smtp: {more: [{password: s3cr3t}]}}", "4:28", "password"),
    ("providers: {smtp: {smtp_pass: s3cr3t}}", "4:20", "smtp_pass"),
    ("providers: {smtp: {pwd: s3cr3t}}", "4:20", "pwd"),
    ("providers: {smtp: {bearer: s3cr3t}}", "4:20", "bearer"),
    ("providers: {smtp: {basic-auth: s3cr3t}}", "4:20", "basic-auth"),
    ("providers: {smtp: {Authorization: s3cr3t}}", "4:20", "Authorization"),
    ("providers: {listmonk: {url: 'https://us:s3cr3t@example.org/'}}", "4:24", "url"),
    ("lists: {a: {url: 'https://us:s3cr3t@example.org/'}}", "4:13", "url"),
]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("titel: x", '4:1: error N004: unknown key "titel"\n  Did you mean "title"?'),
        ("replyto: x", '4:1: error N004: unknown key "replyto"\n  Did you mean "reply_to"?'),
        ("theme: {acent: x}", '4:9: error N004: unknown key "acent"\n  Did you mean "accent"?'),
        ("theme: {accent: red}", '4:17: error N006: "red" cannot stand here\n  Write it as in "#1d70b8", in quotes.'),
        (
            'theme: {accent: "#1d70b8\\n"}',
            '4:17: error N006: "#1d70b8 " cannot stand here\n  Write it as in "#1d70b8", in quotes.',
        ),
        ("timezone: Mars/Base", '4:11: error N006: "Mars/Base" is not a time zone\n  Write it as in Europe/London.'),
        ("timezone: ../UTC", '4:11: error N006: "../UTC" is not a time zone\n  Write it as in Europe/London.'),
        ("timezone: Europe", '4:11: error N006: "Europe" is not a time zone\n  Write it as in Europe/London.'),
        ("language: English (UK)", '4:11: error N006: "English (UK)" cannot stand here\n  Write it as in en-GB.'),
        ("retention: {outbox: 3 weeks}", '4:21: error N006: "3 weeks" cannot stand here\n  Write it as in 90 days.'),
        ("approval: yes", '4:11: error N006: "yes" is neither true nor false\n  Write true or false.'),
        ("reply_to: nobody", f"4:11: error N013: this is not one mail address\n{MAILBOX_HINT}"),
        ("reply_to: a@example.org, b@example.org", f"4:11: error N013: this is not one mail address\n{MAILBOX_HINT}"),
        ('reply_to: ""', f"4:11: error N013: this is not one mail address\n{MAILBOX_HINT}"),
        (
            "lists: {My List: {}}",
            '4:9: error N006: "My List" cannot stand here\n  Write it as in early-years, in small letters.',
        ),
        (
            "lists: {a--b: {}}",
            '4:9: error N006: "a--b" cannot stand here\n  Write it as in early-years, in small letters.',
        ),
        (
            "lists: {../x: {}}",
            '4:9: error N006: "../x" cannot stand here\n  Write it as in early-years, in small letters.',
        ),
        (
            "lists: {a: lists/a.csv}",
            (
                '4:12: error N006: "a" should be keys and values, and is text\n'
                "  Write each key on a line of its own, as in key: value."
            ),
        ),
        (
            "checks: {ignore: N121}",
            (
                '4:18: error N006: "ignore" should be a list, and is text\n'
                '  Write each item on a line of its own, beginning with "- ".'
            ),
        ),
        (
            "archive_url: example.org",
            '4:14: error N009: "example.org" is not a link that can be sent\n  Write "https://example.org".',
        ),
        (
            "unsubscribe_url: http://example.org/u",
            (
                "4:18: error N009: mail programs would not use this link to unsubscribe\n"
                "  Write a web address that begins with https:// and has neither blanks nor commas."
            ),
        ),
        (
            'welcome: "[x](javascript:y)"',
            (
                '4:10: error N009: "javascript:y" is not a link that can be sent\n'
                "  A link begins with https://, http://, mailto: or tel:."
            ),
        ),
        (
            "greeting: NL_GREETING_NL",
            '4:11: error N011: "NL_GREETING_NL" has a meaning of its own here\n  Write it in another way.',
        ),
        (
            "lists: {a: {title: x\u202ey}}",
            f"4:20: error N011: a mail header cannot hold a character that reverses the writing\n{HEADER_HINT}",
        ),
    ],
)
def test_fault_is_told_at_its_place(faults: Callable[[str], list[str]], line: str, expected: str) -> None:
    """A key that does not exist and a value that cannot be used are told with line, column and what to do."""
    assert [expected] == faults(f"{LEAST}{line}\n")


def test_alias_is_the_only_name(faults: Callable[[str], list[str]]) -> None:
    """The sender is called ``from``, and nothing else that the program may call it."""
    said = faults("title: News\norganisation: Us\nsender: Us <us@example.org>\n")
    assert ['1:1: error N005: "from" is missing', '3:1: error N004: unknown key "sender"'] == [
        finding.split("\n")[0] for finding in said
    ]


def test_every_fault_is_told_at_once_in_order(faults: Callable[[str], list[str]]) -> None:
    """Faults, secrets and lost settings come sorted by their places."""
    text = 'theme: {accent: red}\nabout: Us #1\napi_key: abc\ntitle: ""\nlanguage: "?"\n'
    expected = """\
        1:1 error N005
        1:1 error N005
        1:17 error N006
        2:11 error N003
        3:1 error N015
        4:8 error N005
        5:11 error N006
        """
    assert dedent(expected).split("\n")[:-1] == [" ".join(said.split(": ")[:2]) for said in faults(text)]


@pytest.mark.parametrize("line", ["title: a: b", "title: News", "? [a]\n: b"])
def test_what_cannot_be_read_is_a_configuration_error(faults: Callable[[str], list[str]], line: str) -> None:
    """A file that is not YAML, or says a thing twice, ends like any other fault of the configuration."""
    (said,) = faults(f"{LEAST}{line}\n")
    assert said.startswith("4:")


@pytest.mark.parametrize(("line", "place", "key"), HELD)
def test_secret_in_the_file_is_refused(faults: Callable[[str], list[str]], line: str, place: str, key: str) -> None:
    """A key that is called like a secret, or holds a login, is refused with the advice to rotate and move it."""
    said = f'{place}: error N015: "{key}" looks like a secret, which must not stand in this file'
    assert [f"{said}\n{ROTATE_HINT}"] == faults(f"{LEAST}{line}\n")


@pytest.mark.parametrize("line", [*(case[0] for case in HELD), 'providers: {smtp: {token: "s3cr3t}}', "key : s3cr3t"])
def test_a_secret_in_the_file_is_not_quoted(tmp_path: Path, line: str) -> None:
    """Neither the line that is shown below a fault nor what is said of it repeats the secret."""
    (tmp_path / "newsletter.yaml").write_text(f"{LEAST}{line}\n", "utf-8")
    with pytest.raises(ConfigError) as raised:
        open_workspace(tmp_path)
    found = discreet(raised.value.findings, tmp_path)
    assert found
    assert not any("s3cr3t" in f"{one.message} {one.hint} {one.excerpt}" for one in found)


def test_an_address_without_a_password(configure: Callable[[str], Workspace]) -> None:
    """The address of a provider with a port, or of an account without its password, is no secret."""
    urls = {"a": {"url": "https://example.org:8080/@us"}, "b": {"url": "ssh://us@example.org"}}
    assert urls == configure(f"{LEAST}providers: {urls}\n").config.providers


def test_list_may_be_called_like_a_secret(configure: Callable[[str], Workspace]) -> None:
    """The name of a list is no secret: it may be called key-workers, and a key may speak of authors."""
    lists = "{key-workers: {file: lists/k.csv, authors: us, local_authority: us}}"
    assert ["key-workers"] == list(configure(f"{LEAST}lists: {lists}\n").config.lists)


@pytest.mark.parametrize(
    "line",
    [
        "network: {proxy: 'http://us:s3cr3t@proxy:8080'}",
        "network: {proxy: 'http://us:s3 cr3t@proxy:8080'}",
        "api_key: s3cr3t #1",
        "api_key: s3cr3t: x",
        "providers:\n  smtp:\n    password: @s3cr3t",
    ],
)
def test_secret_is_never_printed(faults: Callable[[str], list[str]], line: str) -> None:
    """No fault of a line that holds a secret repeats it, and neither does the line to paste."""
    said = "".join(faults(f"{LEAST}{line}\n"))
    assert ("error" in said, False) == (True, "cr3t" in said)


def test_root_is_found_from_below(configure: Callable[[str], Workspace], tmp_path: Path) -> None:
    """The nearest newsletter.yaml at or above a folder is the workspace's."""
    configure(LEAST)
    below = tmp_path / "issues" / "old"
    below.mkdir(parents=True)
    assert [tmp_path, tmp_path] == [find_root(tmp_path), find_root(below)]
    (below / "newsletter.yaml").write_text(LEAST, "utf-8")
    assert below == find_root(below)


def test_no_workspace(tmp_path: Path) -> None:
    """Outside of a workspace, even beside a folder of its name, the hint says how to make one."""
    (tmp_path / "newsletter.yaml").mkdir()
    with pytest.raises(ConfigError) as caught:
        open_workspace(tmp_path)
    assert "there is no newsletter.yaml in this folder or above it" == caught.value.message
    assert "Change into your newsletter's folder, or make one: newsletter init my-newsletter" == caught.value.hint


@pytest.mark.parametrize(
    ("named", "expected"), [("{}/state", "{}/state"), ("  ", "{}/.newsletter"), ("", "{}/.newsletter")]
)
def test_state_is_where_the_environment_says(
    configure: Callable[[str], Workspace], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, named: str, expected: str
) -> None:
    """NEWSLETTER_STATE puts the state elsewhere; without a value it counts as not set."""
    monkeypatch.setenv("NEWSLETTER_STATE", named.format(tmp_path))
    assert expected.format(tmp_path) == configure(LEAST).state.as_posix()


def test_lists_are_found_by_name(configure: Callable[[str], Workspace]) -> None:
    """A list that does not exist is told with the nearest name, or with all of them."""
    workspace = configure(f"{LEAST}lists: {{practitioners: {{file: lists/p.csv}}, schools: {{provider: mailgun}}}}\n")
    assert ListConfig(provider="mailgun") == workspace.list_config("schools")
    hints = []
    for name in ("practitoners", "xyz"):
        with pytest.raises(UsageError, match=f'^there is no list "{name}"$') as caught:
            workspace.list_config(name)
        hints.append(caught.value.hint)
    assert ['Did you mean "practitioners"?', "The lists in newsletter.yaml are: practitioners, schools."] == hints


def test_files_lie_inside_the_workspace(
    configure: Callable[[str], Workspace], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A file of the workspace is found; one above it, elsewhere or behind a link that leads out is refused."""
    workspace = configure(LEAST)
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "people.csv"
    elsewhere.touch()
    (tmp_path / "link.csv").symlink_to(elsewhere)
    assert tmp_path / "lists/a.csv" == workspace.inside("lists/a.csv")
    for file in ("../people.csv", str(elsewhere), "link.csv"):
        with pytest.raises(ConfigError) as caught:
            workspace.inside(file)
        assert f"newsletter.yaml: {file} lies outside this workspace" == caught.value.message
