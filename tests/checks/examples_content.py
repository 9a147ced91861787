"""Of each check of content an issue that it minds, and one that it does not."""

from __future__ import annotations

from checks.bench import Example, article, diary

_PREHEADER = "preheader: What changed in the procedures this winter\n"
_PLAIN = article("Hello")

EXAMPLES = {
    "placeholder": (
        Example(article("The room is TBC.")),
        Example(article("There is much to do: insert the card, and ask for size XXL.")),
    ),
    "subject": (
        Example(_PLAIN.replace("January 2026 newsletter", "Family help!!")),
        Example(_PLAIN.replace("January 2026 newsletter", "What is new at LSCP and MAPPA!")),
    ),
    "preheader": (Example(_PLAIN.replace(_PREHEADER, "")), Example(_PLAIN)),
    "vague_link": (
        Example(article("[Read more](https://example.org/a)")),
        Example(article("[Read more about neglect](https://example.org/a)")),
    ),
    "repeated_link": (
        Example(article("[The report](https://example.org/a) and [the report](https://example.org/b)")),
        Example(article("[The report](https://example.org/a) and [the report](https://example.org/a)")),
    ),
    "bare_link": (
        Example(article("It is on https://example.org/a/page.")),
        Example(article("Write to [office@example.org](mailto:office@example.org).")),
    ),
    "heading_jump": (Example(article("## One\n\n#### Two")), Example(article("## One\n\n### Two\n\n## Three"))),
    "merge_syntax": (Example(article("Dear *|FNAME|*,")), Example(article("Give *either* one | or the other*."))),
    "hidden_character": (Example(article("Go\u200bogle")), Example(article("A family: \U0001f468\u200d\U0001f469"))),
    "mojibake": (
        Example(article("The children\u00e2\u20ac\u2122s rights")),
        Example(article("The children\u2019s rights, in a caf\u00e9")),
    ),
    "doubled_word": (Example(article("Read the the report.")), Example(article("The help she had had in Bora Bora."))),
    "date_style": (Example(article("Come on 10th February.")), Example(article("Come on 10 February."))),
    "html_in_text": (Example(article("A <b>bold</b> word.")), Example(article("A **bold** word, and `<b>`."))),
    "repeated_entry": (
        Example(diary("10 February 2026 - Day", "10 February 2026 - Day")),
        Example(diary("10 February 2026 - Day", "11 February 2026 - Day")),
    ),
    "draft": (Example(f"draft: true\n{_PLAIN}"), Example(f"draft: false\n{_PLAIN}")),
    "word_bullet": (Example(article("• health\n• justice")), Example(article("- health\n- justice"))),
}
