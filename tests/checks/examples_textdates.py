"""Of each check of dates in running text an issue that it minds, and one that it does not."""

from __future__ import annotations

from checks.bench import Example, article

EXAMPLES = {
    "text_weekday": (
        Example(article("The forum is on Wednesday 10 March 2026 at 2pm.")),
        Example(article("The forum is on Tuesday 10 March 2026 at 2pm.")),
    ),
    "text_date": (
        Example(article("The form is due by 12/11/2026.")),
        Example(article("The form is due by 12 November 2026.")),
    ),
}
