// The pieces of the page, made of what the server says. All text goes in as text: nothing of an issue becomes markup.

export function el(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children.filter((child) => child !== null && child !== ""));
  return made;
}

export const count = (number, word) => `${number.toLocaleString("en-GB")} ${word}${number === 1 ? "" : "s"}`;
export const sentence = (words) => words.charAt(0).toUpperCase() + words.slice(1);
export const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;
export const isSame = (one, other) => ["file", "line", "code", "message"].every((key) => one[key] === other[key]);

export const option = (id, name, isChosen) => el("option", { value: id, selected: isChosen }, name);

export function problem({ message, hint }, mail) {
  const rest = mail ? "What you see is the last email that could be built." : "";
  return [el("p", {}, el("b", {}, sentence(message))), el("p", {}, hint), el("p", {}, rest)].filter((one) => one.textContent);
}

export function findings(found, open, reveal) {
  if (!found.length) return [el("p", { className: "soft" }, "Nothing was found.")];
  const heads = { error: "Errors", warning: "Warnings", note: "Notes" };
  return Object.keys(heads).flatMap((severity) => {
    const some = found.filter((one) => one.severity === severity);
    if (!some.length) return [];
    const items = some.map((one) => finding(one, one === open, reveal));
    return [el("h3", { className: "unseen" }, heads[severity]), el("ul", { className: "findings" }, ...items)];
  });
}

function finding(one, isOpen, reveal) {
  const { severity, code, message, hint, file, line, pointed, seen } = one;
  const button = el("button", { type: "button", className: "link", "aria-expanded": String(isOpen) },
    seen ? "Show in the email" : "Show the line");
  button.addEventListener("click", () => reveal(one));
  return el("li", { className: `finding ${severity}${isOpen ? " open" : ""}` },
    el("p", { className: "kind" }, el("b", {}, sentence(severity)), el("code", {}, code)),
    el("p", { className: "message" }, sentence(message)),
    hint ? el("p", { className: "hint" }, hint.replace(/,\n(?=[a-z])/g, ", ")) : "",
    isOpen && pointed.length ? scrolling(el("pre", { className: "pointed" }, pointed.join("\n")), "The line in the file") : "",
    el("p", { className: "where" }, el("code", {}, `${file}:${line}`), button));
}

// What may be wider than its place can be scrolled by keyboard, too.
function scrolling(made, name) {
  return Object.assign(made, { tabIndex: 0, ariaLabel: name, role: "region" });
}

export function size({ sizes, limit, sections }) {
  const used = Math.min(100, (100 * sizes.html) / limit);
  const meter = el("div", { className: `meter${used >= 100 ? " over" : ""}`, "aria-hidden": "true" }, el("span"));
  meter.firstChild.style.width = `${used}%`;
  const [largest] = sections;
  return [
    el("p", {}, el("b", {}, `${kilobytes(sizes.html)} of ${limit / 1024} KB`), el("span", {}, "Gmail cuts longer emails")),
    meter,
    largest ? el("p", {}, el("span", {}, `Largest section: ${largest.title}`), el("span", {}, kilobytes(largest.bytes))) : "",
  ].filter(Boolean);
}

export function command({ does, line }) {
  const copy = el("button", { type: "button", ariaLabel: `Copy: ${does}` }, "Copy");
  copy.addEventListener("click", () => put(line, copy));
  return el("div", { className: "command" }, el("p", {}, does), scrolling(el("code", {}, line), does), copy);
}

async function put(text, button) {
  await navigator.clipboard.writeText(text).then(() => "Copied", () => "Not copied").then((said) => {
    button.textContent = said;
  });
  setTimeout(() => { button.textContent = "Copy"; }, 2000);
}

export function fillInbox(inbox, { sender, subject, preheader, snippet }) {
  for (const [name, words] of Object.entries({ sender, subject, snippet })) {
    for (const place of inbox.querySelectorAll(`.${name}`)) place.textContent = words;
  }
  const lengths = [`Subject: ${count([...subject].length, "character")}`, `Preheader: ${count([...preheader].length, "character")}`];
  inbox.querySelector(".lengths").textContent =
    `${lengths.join(". ")}. Lists cut both where their window ends; phones show about the first 40 of each. ` +
    "After a short preheader come the email's first words.";
}

export const text = (words) => scrolling(el("pre", { className: "sheet" }, words), "The text part");

export function source({ headers, html, sizes, sections }) {
  const rows = [["HTML, as Gmail counts it", sizes.html], ["Text", sizes.text], ...sizes.pictures, ["The whole message", sizes.message]];
  const copy = el("button", { type: "button", className: "copy" }, "Copy");
  copy.addEventListener("click", () => put(html, copy));
  return [
    part("Sizes", table(["Part", "Size"], rows.map(([name, bytes]) => [name, kilobytes(bytes)]))),
    part("Sections, the largest first", table(["Section", "Size"], sections.map(({ title, bytes }) => [title, kilobytes(bytes)]))),
    part("Headers", table(["Header", "Value"], headers)),
    el("div", { className: "sheet" }, el("h2", {}, "HTML", copy), scrolling(el("pre", {}, html), "The HTML")),
  ];
}

export function calendar(entries) {
  const rows = entries.map(({ title, when, where, cancelled, changes, session }) => [
    when,
    `${cancelled ? "Cancelled: " : ""}${title}`,
    [where, session ? "" : "a day to know of", changes ? `changed ${changes === 1 ? "once" : `${changes} times`}` : ""].filter(Boolean).join(", "),
  ]);
  const empty = el("p", {}, "This issue has no dates.");
  const what = "What a reader's calendar takes in from calendar.ics.";
  return [part("Calendar entries", el("p", { className: "soft" }, what), rows.length ? table(["When", "What", ""], rows) : empty)];
}

export function pair() {
  const side = (id) => el("div", {}, el("h2", { id: `${id}-name` }), el("div", { id }));
  return [el("div", { className: "sheet dates" }), el("div", { className: "pair" }, side("then"), side("now"))];
}

export function changed({ name, dates }) {
  if (!dates.length) return [el("p", {}, `No date that is in ${name} too was changed.`)];
  const rows = dates.map(({ title, then, now }) => [title, then, now]);
  return [el("h2", {}, `Changed since ${name}`), table(["Date", "Then", "Now"], rows)];
}

const part = (title, ...content) => el("div", { className: "sheet" }, el("h2", {}, title), ...content);

function table(heads, rows) {
  const head = heads.map((name) => (name ? el("th", { scope: "col" }, name) : el("td")));
  const body = rows.map(([first, ...rest]) => el("tr", {}, el("th", { scope: "row" }, first), ...rest.map((one) => el("td", {}, one))));
  return scrolling(el("div", { className: "wide" }, el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...body))), heads[0]);
}
