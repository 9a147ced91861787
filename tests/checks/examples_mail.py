"""Of each check of the finished mail a mail that it minds, and one that it does not."""

from __future__ import annotations

from checks.bench import Example, article, html, text, training

HELLO = article("Hello to [the centre](https://example.org/centre)")

EXAMPLES = {
    "size": (
        Example(HELLO, change=html("</body>", "x" * 102_400 + "</body>")),
        Example(HELLO, change=html("</body>", "x" * 40_000 + "</body>")),
    ),
    "unsubscribe": (
        Example(HELLO, change=html('href="NL_UNSUBSCRIBE_NL"', 'href="https://example.org"')),
        Example(HELLO),
    ),
    "text_part": (
        Example(HELLO, change=text(r"https://example\.org/centre", "")),
        Example(HELLO, change=text("^January 2026 newsletter", "JANUARY 2026 NEWSLETTER")),
    ),
    "tracking": (
        Example(HELLO, change=html("</body>", '<img src="https://example.com/open.gif" alt=""></body>')),
        Example(HELLO, change=html("</body>", '<img src="cid:picture.png" alt=""></body>')),
    ),
    "active_content": (
        Example(HELLO, change=html("</body>", "<script>alert(1)</script></body>")),
        Example(HELLO, change=html("</body>", '<a href="tel:02074504000">Call 020 7450 4000</a></body>')),
    ),
    "unrendered": (
        Example(HELLO, change=html("</body>", "<p>{{ issue.subject }}</p></body>")),
        Example(HELLO, change=html("</body>", "<p>None of us knows.</p></body>")),
    ),
    "picture_alt": (
        Example(HELLO, change=html("</body>", '<img src="cid:a.png" width="9" height="9"></body>')),
        Example(HELLO, change=html("</body>", '<img src="cid:a.png" width="9" height="9" alt=""></body>')),
    ),
    "language": (
        Example(HELLO, change=html('<html lang="en-GB" dir="ltr"', "<html")),
        Example(HELLO),
    ),
    "headings": (
        Example(HELLO, change=html("</body>", "<h4>Deep</h4></body>")),
        Example(HELLO, change=html("</body>", "<h3>Below</h3></body>")),
    ),
    "layout_tables": (
        Example(HELLO, change=html('role="presentation" ', "")),
        Example(training("Tuesday 3 February 2026, 9am to 10am")),
    ),
    "picture_size": (
        Example(HELLO, change=html("</body>", '<img src="cid:a.png" width="100%" height="auto" alt=""></body>')),
        Example(HELLO, change=html("</body>", '<img src="cid:a.png" width="600" height="90" alt=""></body>')),
    ),
    "contrast": (
        Example(HELLO, change=html("</body>", '<p style="color:#999999">Faint</p></body>')),
        Example(HELLO, change=html("</body>", '<p style="color:#808080;font-size:24px" class="ink">Large</p></body>')),
    ),
    "distinct_links": (
        Example(HELLO, change=html("</body>", '<a href="https://example.org/other">The centre</a></body>')),
        Example(HELLO, change=html("</body>", '<a href="https://example.org/centre">The centre</a></body>')),
    ),
    "hidden_preheader": (
        Example(HELLO, change=html("display:none; font-size:1px", "color:#ffffff; display:none; font-size:1px")),
        Example(HELLO, change=html("(?<=this winter)</div>", "&nbsp;&zwnj;&nbsp;</div>")),
    ),
    "style_blocks": (
        Example(
            HELLO, change=html("</style>\n</head>", "@media print { @media (min-width: 1px) { p { top: 0 } } }</style>")
        ),
        Example(HELLO, change=html("</style>\n</head>", "@media print { p { top: 0 } }</style>")),
    ),
    "client_support": (
        Example(HELLO, change=html("</body>", '<p style="position:absolute">Over</p></body>')),
        Example(HELLO, change=html("</body>", '<p style="border-radius:4px; opacity:0.9">Round</p></body>')),
    ),
    "accent": (
        Example(HELLO, config='theme: {accent: "#ffdd00"}\n'),
        Example(HELLO, config='theme: {accent: "#00703c"}\n'),
    ),
    "small_text": (
        Example(HELLO, change=html("</body>", '<p style="font-size:12px">Tiny</p></body>')),
        Example(HELLO, change=html("</body>", '<p style="font-size:14px">Small</p></body>')),
    ),
}
