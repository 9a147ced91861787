"""Of each check that looks at other issues an issue that it minds, and one that it does not."""

from __future__ import annotations

from checks.bench import Example, article, diary, training

_LINKS = """\
subject: January 2026 newsletter
sections:
  - type: links
    title: Save to your favourites
    links:
      - {text: Managing allegations, url: "URL"}
"""


def favourite(url: str) -> str:
    """Return an issue of one favourite."""
    return _LINKS.replace("URL", url)


EXAMPLES = {
    "other_date": (
        Example(diary("3 to 8 February 2026 - Week"), others={"2025-12": diary("3 to 9 February 2026 - Week")}),
        Example(diary("3 to 8 February 2026 - Week"), others={"2025-12": diary("3 - 8 Feb 2026 - WEEK")}),
    ),
    "other_link": (
        Example(favourite("https://example.org/a"), others={"2025-12": favourite("https://example.org/b")}),
        Example(favourite("https://example.org/a"), others={"2025-12": favourite("http://example.org/a/")}),
    ),
    "vanished": (
        Example(training("10 February 2026"), others={"2025-12": training("3 February 2026", "10 February 2026")}),
        Example(training("10 February 2026"), others={"2025-12": training("11 January 2026", "10 February 2026")}),
    ),
    "repeated_article": (
        Example(article("Hello " * 100), others={"2025-12": article("Hello " * 100, title="Another")}),
        Example(article("Hello " * 100), others={"2025-12": article("Goodbye " * 100)}),
    ),
    "repeated_subject": (
        Example(article("Hello"), others={"2025-12": article("Goodbye")}),
        Example(article("Hello"), others={"2025-12": article("Goodbye").replace("January", "December")}),
    ),
    "unread": (
        Example(article("Hello"), others={"2025-11": "sections: [", "2025-12": "title: x"}),
        Example(article("Hello"), others={"2024-11": "sections: [", "2027-02": "title: x"}),
    ),
}
