// Quick leave: a click, or Shift pressed three times within five seconds, blanks the page and opens another website in
// its place in the history. Without this script the links are links.
(() => {
  const TIMES = 3;
  const WITHIN = 5000; // ms
  const page = document.documentElement;
  const said = document.getElementById("leave-said");
  let pressed = 0;
  let isAlone = false; // Shift with a letter is a capital, and no wish to leave
  let timer = 0;

  page.classList.add("scripted");

  function show(count) {
    pressed = count;
    page.dataset.pressed = count;
    clearTimeout(timer);
  }

  function leave(href) {
    show(0);
    document.title = "Loading";
    page.classList.add("leaving");
    location.replace(href);
  }

  function press() {
    show(pressed + 1);
    if (pressed === TIMES) return leave(document.getElementById("leave").href);
    const left = TIMES - pressed;
    said.textContent = `Press Shift ${left} more ${left === 1 ? "time" : "times"} to leave this website.`;
    timer = setTimeout(() => {
      show(0);
      said.textContent = "Leaving this website is called off.";
    }, WITHIN);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-leave]");
    if (!link) return;
    event.preventDefault();
    leave(link.href);
  });
  document.addEventListener("keydown", (event) => {
    isAlone = event.key === "Shift" && !event.ctrlKey && !event.altKey && !event.metaKey;
    if (event.key !== "Shift" && pressed) show(0);
  });
  document.addEventListener("keyup", (event) => {
    if (event.key === "Shift" && isAlone) press();
    isAlone = false;
  });
  document.addEventListener("pointerdown", () => { isAlone = false; });
  // Who comes back to a page that the browser had kept, as after a lost connection, sees it again.
  addEventListener("pageshow", (event) => { if (event.persisted) page.classList.remove("leaving"); });
})();
