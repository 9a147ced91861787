"""Of each check of links an issue that it minds, and one that it does not."""

from __future__ import annotations

from checks.bench import Example, article

from newsletter.weblinks import Answer, Verdict

_PAGE = "https://example.org/page"


def _linked(url: str, text: str = "the new form") -> Example:
    return Example(article(f"Use [{text}]({url}) from now on."))


def _judged(answer: Answer, why: str) -> Example:
    return Example(_linked(_PAGE).text, verdicts={_PAGE: Verdict(answer, why)})


EXAMPLES = {
    "plain_http": (_linked("http://example.org/page"), _linked(_PAGE)),
    "ip_host": (_linked("https://93.184.216.34/page"), _linked(_PAGE)),
    "lookalike_host": (_linked("https://ex\N{CYRILLIC SMALL LETTER A}mple.org/page"), _linked(_PAGE)),
    "shortener": (_linked("https://bit.ly/abc"), _linked("https://orbit.ly/abc")),
    "tracking_parameter": (_linked(f"{_PAGE}?utm_source=mail"), _linked(f"{_PAGE}?source=mail")),
    "misleading_text": (_linked(_PAGE, "gov.uk"), _linked("https://www.gov.uk/page", "gov.uk")),
    "broken_link": (_judged(Answer.BROKEN, "404 Not Found"), _judged(Answer.WORKS, "200 OK")),
    "unproven_link": (_judged(Answer.UNSURE, "403 Forbidden"), _judged(Answer.WORKS, "200 OK")),
}
