"""Of each check of dates an issue that it minds, and one that it does not."""

from __future__ import annotations

from checks.bench import Example, diary, training

EXAMPLES = {
    "weekday": (
        Example(diary("Wednesday 10 February 2026 - Day")),
        Example(diary("Tuesday 10 February 2026 - Day")),
    ),
    "over": (
        Example(diary("4 January 2026 - Day")),
        Example(diary("5 January 2026 - Day")),
    ),
    "overlap": (
        Example(training("10 February 2026, 9am to midday", "10 February 2026, 11am to 1pm")),
        Example(training("10 February 2026, 9am to midday", "10 February 2026, midday to 1pm")),
    ),
    "weekend": (
        Example(training("7 February 2026, 9am to midday")),
        Example(training("6 February 2026, 9am to midday")),
    ),
    "bank_holiday": (
        Example(training("3 April 2026, 9am to midday")),
        Example(training("2 April 2026, 9am to midday")),
    ),
    "clock_change": (
        Example(training("29 March 2026, 1.30am to 3am")),
        Example(training("29 March 2026, 1.30pm to 3pm")),
    ),
    "far_off": (
        Example(diary("2 January 2028 - Day")),
        Example(diary("1 January 2028 - Day")),
    ),
    "long_range": (
        Example(diary("3 February 2026 to 8 February 2027 - Week")),
        Example(diary("3 to 8 February 2026 - Week")),
    ),
    "undated": (
        Example(
            "sections:\n- type: training\n  title: Training dates\n  courses:\n"
            "  - {title: Family help, book: https://example.org/book}\n"
        ),
        Example(training("10 February 2026")),
    ),
    "unsorted": (
        Example(diary("10 February 2026 - One", "6 February 2026 - Two", "8 February 2026 - Three")),
        Example(diary("6 February 2026 - Two", "10 February 2026 - One", "10 February 2026 - Three")),
    ),
}
