// The page: what is chosen stands in the address, what is true of the issue comes from the server.

import { edge } from "./edge.js";
import { Email } from "./email.js";
import * as parts from "./parts.js";

const $ = (id) => document.getElementById(id);
const CHOICES = { issue: "", width: "full", colours: "light", off: "", view: "email" };
const CAVEATS = {
  dark: "The email's own dark colours, as Apple Mail shows them.",
  inverted:
    "An approximation: Gmail for iPhone turns every colour over, Outlook for Windows only the light ones, and no two " +
    "versions do it alike. The email's own dark colours are not asked.",
  "images-off": "As Outlook shows it until a reader asks for the pictures.",
  "styles-off": "As Gmail shows it where it drops the style sheet: in accounts of other providers, and when it is too large.",
};

const chosen = { ...CHOICES, ...Object.fromEntries(new URLSearchParams(location.hash.slice(1))) };
const frames = { email: new Email($("email"), "The email") };
let state = null;
let current = null; // the finding that was last asked for

// Choosing

function choose(name, value) {
  chosen[name] = value;
  const kept = Object.entries(chosen).filter(([key, one]) => one !== CHOICES[key]);
  history.replaceState(null, "", `#${new URLSearchParams(kept)}`);
}

function toggled(value) {
  const off = new Set(chosen.off.split(" ").filter(Boolean));
  if (!off.delete(value)) off.add(value);
  return ["images-off", "styles-off"].filter((one) => off.has(one)).join(" ");
}

for (const group of document.querySelectorAll("[data-choice]")) {
  const name = group.dataset.choice;
  const buttons = [...group.querySelectorAll("button")];
  group.addEventListener("click", ({ target }) => {
    const value = target.closest("button")?.dataset.value;
    if (!value) return;
    choose(name, name === "off" ? toggled(value) : value);
    draw();
  });
  group.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    buttons.at((buttons.indexOf(document.activeElement) + step) % buttons.length).focus();
  });
}

$("issue").addEventListener("change", ({ target }) => {
  choose("issue", target.value);
  $("shown").scrollTo(0, 0);
  refresh();
});

edge($("email"), (width) => {
  choose("width", String(width));
  drawChoices();
});

addEventListener("hashchange", () => {
  Object.assign(chosen, CHOICES, { issue: chosen.issue }, Object.fromEntries(new URLSearchParams(location.hash.slice(1))));
  refresh();
});

// Following

async function refresh() {
  const answer = await fetch(`${chosen.issue}/state`).catch(() => null);
  if (!answer?.ok) {
    say("stopped", answer ? `There is no issue ${chosen.issue} any more` : "The preview has ended");
    return;
  }
  state = await answer.json();
  await draw();
}

const changes = new EventSource("events");
changes.addEventListener("message", refresh);
changes.addEventListener("error", () => say("stopped", "The preview has ended. Start it again: newsletter preview"));

function say(kind, words) {
  $("status").className = kind;
  $("status").textContent = words;
}

// Drawing

async function draw() {
  if (!state) return;
  const { mail, problem, counts, verdict, issue } = state;
  drawChoices();
  $("issue").replaceChildren(...state.issues.map(({ id, name }) => parts.option(id, name, id === issue)));
  document.title = `(${verdict}) ${mail?.subject ?? issue}`;
  if (problem) say("amber", `Cannot build${counts.error ? `: ${parts.count(counts.error, "error")}` : ""}`);
  else say("green", `${state.age ? "Rebuilt" : "Built"} in ${state.milliseconds} ms`);
  drawPanel();
  for (const one of document.querySelectorAll("[data-view]")) one.hidden = !mail || one.dataset.view !== chosen.view;
  drawCaveat();
  if (mail) await drawView();
  document.body.dataset.age = state.age; // what is shown is of this state of the files
}

function drawChoices() {
  for (const button of document.querySelectorAll("[data-choice] button")) {
    const value = chosen[button.parentElement.dataset.choice];
    button.setAttribute("aria-pressed", String(value.split(" ").includes(button.dataset.value)));
  }
  $("email").style.width = chosen.width === "full" ? "" : `${chosen.width}px`;
}

function drawCaveat() {
  const words = [chosen.colours, ...chosen.off.split(" ")].map((one) => CAVEATS[one]).filter(Boolean);
  const shows = ["email", "compare"].includes(chosen.view) && words.length > 0 && state.mail;
  if (!state.mail) words.splice(0, words.length, "Nothing to show yet: this issue has not been built. Mend the errors, and it appears here.");
  $("caveat").hidden = !shows && Boolean(state.mail);
  $("caveat").textContent = words.join(" ");
}

function drawPanel() {
  const { mail, problem, counts, verdict } = state;
  const isReady = !counts.error && !problem;
  const kind = !isReady ? "bad" : mail?.draft ? "draft" : "good";
  const lead = { bad: "Not ready to send.", draft: "Still a draft.", good: "Ready to send." }[kind];
  $("verdict").className = kind;
  $("verdict").replaceChildren(parts.el("b", {}, lead), ` ${parts.sentence(verdict)}.`);
  $("problem").hidden = !problem;
  $("problem").replaceChildren(...(problem ? parts.problem(problem, mail) : []));
  const open = current && state.findings.find((one) => parts.isSame(one, current));
  $("findings").replaceChildren(...parts.findings(state.findings, open, reveal));
  for (const id of ["size", "commands"]) $(id).hidden = !mail;
  if (!mail) return;
  $("size").replaceChildren(...parts.size(mail));
  $("commands").querySelector(".lines-to-copy").replaceChildren(...mail.commands.map(parts.command));
}

async function drawView() {
  const { mail } = state;
  const { issue, age, colours, off, view } = { ...chosen, issue: state.issue, age: state.age };
  const variant = [colours, ...off.split(" ").filter(Boolean)].join("-");
  if (view === "email") {
    parts.fillInbox($("inbox"), mail);
    await frames.email.show(`${issue}/${variant}`, age);
    frames.email.clear();
    if (current?.seen) frames.email.mark(current.seen, current.code);
  }
  if (view === "text") $("text").replaceChildren(parts.text(mail.text));
  if (view === "source") $("source").replaceChildren(...parts.source(mail));
  if (view === "calendar") $("calendar").replaceChildren(...parts.calendar(mail.entries));
  if (view === "compare") await compare(mail.compared, variant);
}

async function compare(compared, variant) {
  const { issue, age } = state;
  if (!compared) {
    $("compare").replaceChildren(parts.el("p", { className: "sheet" }, "There is no earlier monthly issue to compare with."));
    return;
  }
  if (!$("compare").querySelector(".pair")) {
    $("compare").replaceChildren(...parts.pair());
    frames.then = new Email($("then"), "The earlier email");
    frames.now = new Email($("now"), "This email");
  }
  $("compare").querySelector(".dates").replaceChildren(...parts.changed(compared));
  $("then-name").textContent = compared.name;
  $("now-name").textContent = state.issues.find(({ id }) => id === issue).name;
  await Promise.all([frames.then.show(`${compared.issue}/${variant}`, age), frames.now.show(`${issue}/${variant}`, age)]);
  frames.then.clear();
  frames.now.clear();
  for (const { title, then, now } of compared.dates) {
    frames.then.mark({ words: then, near: title }, "Then");
    frames.now.mark({ words: now, near: title }, "Now");
  }
}

// Show where the email has what *finding* is about, and its line in the file.
async function reveal(finding) {
  current = finding;
  if (chosen.view !== "email" && finding.seen) {
    choose("view", "email");
    await draw();
  } else drawPanel();
  frames.email.clear();
  document.querySelector(".finding.open button")?.focus();
  const mark = finding.seen && frames.email.mark(finding.seen, finding.code);
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  mark?.scrollIntoView({ block: "center", behavior: isCalm ? "auto" : "smooth" });
}
