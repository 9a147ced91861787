"""A merge field of another mailing program.

{{ first_name }}, *|FNAME|* or %recipient.name% is filled in nowhere here: readers would get it as it stands, or the
service that sends the mail would fill in something else. A name is merged in one place, greeting: in newsletter.yaml.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark, excusing
from newsletter.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N127"
SEVERITY = Severity.ERROR

# By the providers' own pages. Each alternative is bounded.
_FIELD = re.compile(
    r"""
      \{\{\{ [^{}\n]{0,200} \}\}\} | \{\{ (?: [^{}\n]{0,200} \}\} )?       # Brevo, listmonk, Postmark, Resend, SES
    | \{% [^%\n]{0,200} %\} | \$\{ [^{}\n]{1,100} \} | \{\$ [\w.]{1,60} \}    # Klaviyo; templates; MailerLite
    | \{ (?:first|last|full|sur)?_?name \} | \{email\}
    | \*\| [^|\n]{1,100} \|\*                                                 # Mailchimp
    | %recipient [._] [\w.]{1,60} %? | %\w{0,40}unsubscribe\w{0,40}%          # Mailgun
    | %%? (?:first|last|full)?_?(?:name|email) (?:_?address)? %%?             # Salesforce, Mailgun
    | %% [A-Za-z] [\w\ .-]{0,60} %%
    | \[\[ [A-Za-z] [^\[\]\n]{0,100} \]\] (?!\()                              # Mailjet, govDelivery
    | <% [^%\n]{1,100} %> | <<[A-Za-z] [\w\ .-]{0,60} (?<=\S)>>                  # SendGrid
    | (?<![\w-]) - (?:first_?name|last_?name|email) - (?![\w-])               # SendGrid's substitutions
    | \[ (?:firstname|lastname|fullname|email) , \s? fallback= [^\]\n]{0,60} \] | \[unsubscribe\] (?![(\[:])
    | </?unsubscribe> | <webversion> | \$(?:UNSUB|CANTREAD)\$ | (?<!\w) @(?:FIRSTNAME|LASTNAME|FULLNAME|EMAIL)@
    | \u00ab (?: \w{1,40} _ \w{0,40} | (?-i: [A-Z][a-z]{1,20} (?:[A-Z][a-z]{0,20} | \d){1,4} )  # Word's mail merge
        | (?:first|last|full|sur)?name | title | email | address ) \u00bb
    """,
    re.VERBOSE | re.IGNORECASE,
)


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every merge field, in code and in links too."""
    for text in context.issue.texts:
        for match in _FIELD.finditer(text.text):
            yield Remark(
                context.issue.spot(text, *match.span()),
                f'"{match[0]}" is a merge field of another program and is not filled in here',
                "Delete it, or write the words themselves. A person's name stands in greeting: in newsletter.yaml.\n"
                + excusing(CODE, match[0]),
                match[0],
            )
