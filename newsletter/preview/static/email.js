// An email in its frame: as tall as what is in it, changed without a flicker, with marks laid over it.
// Nothing runs inside the frame: see the policy it is served with (server.py).

const SANDBOX = "allow-same-origin allow-popups allow-popups-to-escape-sandbox";

export class Email {
  #frame = null;
  #marks = [];
  #turn = 0;
  #shown = "";
  #watch = new ResizeObserver(() => this.#fit());

  constructor(host, title) {
    this.host = host;
    this.title = title;
    host.classList.add("host");
    new ResizeObserver(() => this.#fit()).observe(host);
  }

  // Show what stands at *url* at that *age* of the files. What was there stays until the new can take its place.
  async show(url, age) {
    const turn = ++this.#turn;
    if (this.#shown === `${url} ${age}`) return;
    const next = document.createElement("iframe");
    next.className = "waiting";
    next.title = this.title;
    next.setAttribute("sandbox", SANDBOX);
    next.src = url;
    this.host.append(next);
    await drawn(next);
    if (turn !== this.#turn || !next.contentDocument) {
      next.remove();
      return;
    }
    this.#shown = `${url} ${age}`;
    next.style.height = height(next);
    this.clear();
    this.#frame?.remove();
    this.#frame = next;
    next.className = "";
    this.#watch.disconnect();
    this.#watch.observe(next.contentDocument.documentElement);
  }

  // Mark where the email shows *seen*, words and what they are near. Return the mark, or null when it is not there.
  mark(seen, label) {
    const range = this.#frame && find(this.#frame.contentDocument, seen);
    if (!range) return null;
    const box = document.createElement("div");
    box.className = "mark";
    box.dataset.label = label;
    this.host.append(box);
    this.#marks.push([box, range]);
    this.#lay(box, range);
    return box;
  }

  clear() {
    for (const [box] of this.#marks) box.remove();
    this.#marks = [];
  }

  #fit() {
    if (!this.#frame?.contentDocument?.documentElement) return;
    const now = height(this.#frame);
    if (this.#frame.style.height !== now) this.#frame.style.height = now;
    for (const [box, range] of this.#marks) this.#lay(box, range);
  }

  #lay(box, range) {
    const { left, top, width, height } = range.getBoundingClientRect();
    Object.assign(box.style, px({ left: left - 6, top: top - 4, width: width + 12, height: height + 8 }));
  }
}

// Wait until the frame has its document. Not for its pictures: one that a distant server keeps back would stop all.
async function drawn(frame) {
  let isOver = false; // also when the server has gone, and there is no document
  frame.addEventListener("load", () => { isOver = true; });
  while (!isOver) {
    const page = frame.contentDocument;
    if (page && page.URL !== "about:blank" && page.readyState !== "loading") return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function height(frame) {
  return `${Math.ceil(frame.contentDocument.documentElement.getBoundingClientRect().height)}px`;
}

function px(values) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, `${value}px`]));
}

// Return the range of *words* in the page, of several the one nearest to *near*. Blanks do not count: the email holds
// words together with blanks that do not break, and a block's end has none.
function find(page, { words, near }) {
  const spots = [];
  let text = "";
  const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.parentElement.getClientRects().length) continue; // hidden, as the preheader is
    for (let at = 0; at < node.data.length; at += 1) {
      if (/\s/.test(node.data[at])) continue;
      text += node.data[at];
      spots.push([node, at]);
    }
  }
  const wanted = solid(words);
  for (const sought of [wanted, wanted.slice(0, 30), solid(near)]) {
    const found = sought ? all(text, sought) : [];
    if (!found.length) continue;
    const landmarks = near ? all(text, solid(near)) : [];
    const away = (at) => Math.min(...landmarks.map((mark) => Math.abs(mark - at)), Infinity);
    const best = found.reduce((one, other) => (away(other) < away(one) ? other : one));
    const range = page.createRange();
    range.setStart(...spots[best]);
    const [node, at] = spots[best + sought.length - 1];
    range.setEnd(node, at + 1);
    return range;
  }
  return null;
}

function all(text, sought) {
  const found = [];
  for (let at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + 1)) found.push(at);
  return found;
}

function solid(text) {
  return text.replace(/\s/g, "");
}
