"""How long `newsletter build` takes for issues of 12 KB, beside the MJML CLI and beside Jinja2 with premailer.

    .venv/bin/python benchmarks/build_issue.py

Each peer makes an email of the same words. The MJML CLI is given ready .mjml; the script reads the same YAML, fills in
one template and inlines it, and does nothing else. Of ours everything counts: it reads, checks, renders, inlines, and
writes the HTML, the text, the message and the calendar. Cold means that nothing is kept from an earlier run. An issue's
own time, warm, is what a run of many takes more than a run of one.
"""

from __future__ import annotations

import shutil
from functools import partial
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import yaml
from measuring import NEWSLETTER, Options, Row, Spent, Unmeasured, alone, medians, slower, spend
from peers import node_with, python_with
from samples import issue, workspace

if TYPE_CHECKING:
    from collections.abc import Callable

MANY = 120
BUILD = [*NEWSLETTER, "build"]
MJML, SCRIPT = "the MJML CLI", "Jinja2 + premailer"
MEMORY, ROOM = "peak memory of a cold build", f"<= 0.7 x {MJML}"
GOALS = (
    ("cold", "cold build of a 12 KB issue", 1.0, MJML),
    ("cold", "the same", 1.9, SCRIPT),
    ("again", "built again, nothing changed", 0.5, MJML),
)
BARE = """\
import sys
import jinja2, premailer, yaml

with open(sys.argv[1], encoding="utf-8") as file:
    template = jinja2.Environment(autoescape=True, trim_blocks=True).from_string(file.read())
for name in sys.argv[2:]:
    with open(name, encoding="utf-8") as file:
        issue = yaml.safe_load(file)
    html = premailer.transform(template.render(issue), allow_network=False)
    with open(name.replace(".yaml", ".html"), "w", encoding="utf-8") as file:
        file.write(html)
"""
TEMPLATE = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ subject }}</title>
<style>
body { margin: 0; padding: 0; background-color: #f3f2f1; }
table { border-collapse: collapse; }
.sheet { width: 600px; background-color: #ffffff; }
.pad { padding: 24px; }
h1, h2, h3 { font-family: Georgia, serif; color: #0b0c0c; margin: 0 0 14px; }
h1 { font-size: 34px; line-height: 40px; }
h2 { font-size: 26px; line-height: 32px; }
h3 { font-size: 21px; line-height: 28px; }
p, li { font-family: Arial, sans-serif; font-size: 17px; line-height: 27px; color: #0b0c0c; }
p { margin: 0 0 16px; }
li { margin: 0 0 8px 26px; }
ul { margin: 0 0 16px; padding: 0; }
a { color: #1d70b8; text-decoration: underline; }
.button { background-color: #1d70b8; }
.button a { display: inline-block; padding: 12px 20px; color: #ffffff; font-weight: bold; text-decoration: none; }
.preheader { display: none; font-size: 1px; max-height: 0; overflow: hidden; }
.foot p { font-size: 14px; line-height: 24px; color: #505a5f; }
@media (max-width: 620px) { .sheet { width: 100% !important; } }
</style></head>
<body><div class="preheader">{{ preheader }}</div>
<table role="presentation" class="sheet" align="center"><tr><td class="pad"><h1>{{ subject }}</h1></td></tr>
{% for section in sections %}
<tr><td class="pad"><h2>{{ section.title }}</h2>
{% for line in (section.body or "").strip().split("\\n\\n") if line %}<p>{{ line }}</p>
{% endfor %}
{% for link in section.links %}
<table role="presentation"><tr><td class="button"><a href="{{ link.url }}">{{ link.text }}</a></td></tr></table>
{% endfor %}
{% for course in section.courses %}
<h3>{{ course.title }}</h3><ul>{% for day in course.sessions %}<li>{{ day }}</li>{% endfor %}</ul>
<table role="presentation"><tr><td class="button"><a href="{{ course.book }}">Book {{ course.title }}</a></td></tr>
</table>
{% endfor %}
{% if section.dates %}<ul>{% for day in section.dates %}<li>{{ day }}</li>{% endfor %}</ul>{% endif %}
</td></tr>
{% endfor %}
<tr><td class="pad foot"><p>Example Partnership, Example House, 1 Example Street</p></td></tr></table></body></html>
"""


def rows(options: Options) -> list[Row]:
    """Return the rows of one issue, and of many."""
    with TemporaryDirectory() as name:
        return one(Path(name), options) + many(Path(name), options)


def one(folder: Path, options: Options) -> list[Row]:
    """Return the rows of one issue: cold, built again, and the memory."""
    own = workspace(folder / "own", 1)
    runs: dict[str, Callable[[], Spent]] = {"cold": partial(cold, own), "again": partial(spend, BUILD, own)}
    away = {}
    for peer, prepare in ((MJML, mjml), (SCRIPT, script)):
        try:
            runs[peer] = partial(spend, prepare(folder, options.peers, 1), folder)
        except Unmeasured as reason:
            away[peer] = f"not measured: {reason}"
    took = medians(runs, options.rounds * 3)
    found = [
        slower(what, goal, peer, took[which], took[peer])
        if peer in took
        else Row(what, f"<= {goal} x {peer}", away[peer])
        for which, what, goal, peer in GOALS
    ]
    return [*found, memory(took["cold"], took[MJML]) if MJML in took else Row(MEMORY, ROOM, away[MJML])]


def memory(own: Spent, other: Spent) -> Row:
    """Return the row of the most memory that a build takes."""
    ratio = own.memory / other.memory
    return Row(MEMORY, ROOM, f"{ratio:.2f} x ({own.memory:.1f} MiB against {other.memory:.1f} MiB)", ratio <= 0.7)


def many(folder: Path, options: Options) -> list[Row]:
    """Return the rows of many issues in one run, nothing kept: an issue's own time, and whether it grows."""
    runs: dict[str, Callable[[], Spent]] = {}
    for count in (1, MANY // 2, MANY):
        runs[f"{count}"] = partial(cold, workspace(folder / f"own{count}", count), "--all")
    why = ""
    try:
        for count in (1, MANY):
            runs[f"peer {count}"] = partial(spend, script(folder, options.peers, count), folder)
    except Unmeasured as reason:
        why = f"not measured: {reason}"
    took = medians(runs, options.rounds)
    half = MANY // 2
    own, first = each(took["1"], took[f"{MANY}"], MANY - 1), each(took["1"], took[f"{half}"], half - 1)
    ratio = each(took[f"{half}"], took[f"{MANY}"], MANY - half).cpu / first.cpu
    what, peer = f"`build --all` of {MANY} issues, nothing kept, an issue", f"{SCRIPT}, warm"
    return [
        Row(what, f"<= 1.6 x {peer}", why)
        if why
        else slower(what, 1.6, peer, own, each(took["peer 1"], took[f"peer {MANY}"], MANY - 1)),
        Row("an issue of their second half", "<= 1.1 x of the first", f"CPU {ratio:.2f} x", ratio <= 1.1),
    ]


def cold(folder: Path, *arguments: str) -> Spent:
    """Build in *folder* with nothing kept from before."""
    for name in (".newsletter", "build"):
        shutil.rmtree(folder / name, ignore_errors=True)
    return spend([*BUILD, *arguments], folder)


def each(few: Spent, more: Spent, issues: int) -> Spent:
    """Return what each of the *issues* took that *more* has and *few* has not."""
    return Spent((more.seconds - few.seconds) / issues, (more.cpu - few.cpu) / issues, more.memory)


def mjml(folder: Path, peers: Path, _count: int) -> list[object]:
    """Return the command of the MJML CLI. Raises Unmeasured."""
    program = node_with(peers, "mjml") / "node_modules/.bin/mjml"
    ready = folder / "ready.mjml"
    ready.write_text(as_mjml(yaml.safe_load(issue(0))), "utf-8")
    return [program, ready, "-o", folder / "ready.html"]


def script(folder: Path, peers: Path, count: int) -> list[object]:
    """Return the command of the script for *count* issues. Raises Unmeasured."""
    python = python_with(peers, "premailer", "jinja2", "pyyaml")
    (folder / "bare.py").write_text(BARE, "utf-8")
    (folder / "template.html").write_text(TEMPLATE, "utf-8")
    files = [folder / f"bare{number}.yaml" for number in range(count)]
    for number, file in enumerate(files):
        file.write_text(issue(number), "utf-8")
    return [python, folder / "bare.py", folder / "template.html", *files]


def as_mjml(content: dict[str, Any]) -> str:
    """Return the issue as .mjml: a section each, a text for each paragraph, a button for each link."""
    body = "".join(
        f"<mj-section><mj-column>{_section(section)}</mj-column></mj-section>\n" for section in content["sections"]
    )
    subject, preheader = escape(content["subject"]), escape(content["preheader"])
    return (
        f"<mjml><mj-head><mj-title>{subject}</mj-title><mj-preview>{preheader}</mj-preview>"
        '<mj-attributes><mj-text font-size="17px" line-height="27px" /></mj-attributes></mj-head><mj-body>\n'
        f"<mj-section><mj-column><mj-text><h1>{subject}</h1></mj-text></mj-column></mj-section>\n"
        f"{body}<mj-section><mj-column><mj-text>Example Partnership, Example House, 1 Example Street</mj-text>"
        "</mj-column></mj-section></mj-body></mjml>\n"
    )


def _section(section: dict[str, Any]) -> str:
    made = f"<mj-text><h2>{escape(section['title'])}</h2></mj-text>"
    made += "".join(
        f"<mj-text>{escape(line)}</mj-text>" for line in section.get("body", "").strip().split("\n\n") if line
    )
    for link in section.get("links", ()):
        made += _button(link["url"], link["text"])
    for course in section.get("courses", ()):
        made += f"<mj-text><h3>{escape(course['title'])}</h3>{_dates(course['sessions'])}</mj-text>"
        made += _button(course["book"], f"Book {course['title']}")
    return made + (f"<mj-text>{_dates(section['dates'])}</mj-text>" if "dates" in section else "")


def _dates(dates: list[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(day)}</li>" for day in dates) + "</ul>"


def _button(url: str, text: str) -> str:
    return f'<mj-button href="{url}" background-color="#1d70b8">{escape(text)}</mj-button>'


if __name__ == "__main__":
    alone(rows)
