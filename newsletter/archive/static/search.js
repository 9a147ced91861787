// Search by words in what search-index.js lists. What is typed goes nowhere: not to a server, not into the history.
(() => {
  const MOST = 50; // results
  const { issues, places, words } = window.newsletterIndex;
  const known = Object.keys(words);
  const field = document.getElementById("words");
  const list = document.getElementById("found");
  const told = document.getElementById("told");

  // As words_of() in printed.py folds what is written.
  function folded(text) {
    const plain = text.normalize("NFKD").toLowerCase().replace(/\u00df/g, "ss").replace(/[\u0300-\u036f'\u2019]/g, "");
    return plain.match(/[\p{L}\p{N}]+/gu) || [];
  }

  function placesOf(word) {
    const found = new Set();
    for (const one of known) if (one.startsWith(word)) for (const place of words[one]) found.add(place);
    return found;
  }

  function find(asked) {
    const sets = asked.map(placesOf);
    const all = places.map((_, place) => place).filter((place) => sets.every((set) => set.has(place)));
    const rank = (place) => {
      const title = folded(places[place][2]);
      return asked.filter((word) => title.some((one) => one.startsWith(word))).length;
    };
    return all.sort((one, other) => rank(other) - rank(one) || one - other); // the newest first
  }

  function row(place) {
    const [number, part, title] = places[place];
    const [page, subject] = issues[number];
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = part ? `${page}#section-${part}` : page;
    link.textContent = part ? `${title}, ${subject}` : subject;
    item.append(link);
    return item;
  }

  function show() {
    const asked = folded(field.value);
    const found = asked.length ? find(asked) : [];
    list.replaceChildren(...found.slice(0, MOST).map(row));
    const count = found.length === 1 ? "1 place" : `${found.length.toLocaleString("en-GB")} places`;
    const shown = found.length > MOST ? `, the first ${MOST} are shown` : "";
    told.textContent = !asked.length ? "" : found.length ? `Found in ${count}${shown}.` : "Nothing found. Try fewer or shorter words.";
  }

  field.form.addEventListener("submit", (event) => event.preventDefault());
  field.addEventListener("input", show);
  show();
})();
