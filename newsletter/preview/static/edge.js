// The right edge of the email: dragged, or moved by the arrow keys, it changes the email's width.

const LEAST = 240; // px
const MOST = 1400;

// Put an edge on *host*. *moved* is told the new width in pixels.
export function edge(host, moved) {
  const grip = document.createElement("div");
  grip.className = "edge";
  grip.tabIndex = 0;
  grip.role = "separator";
  grip.ariaLabel = "Width of the email in pixels";
  grip.ariaOrientation = "vertical";
  grip.ariaValueMin = LEAST;
  grip.ariaValueMax = MOST;
  const width = () => Math.round(host.getBoundingClientRect().width);
  const move = (to) => {
    moved(Math.max(LEAST, Math.min(MOST, Math.round(to))));
    grip.ariaValueNow = width();
  };
  // The email stands in the middle: it grows by twice of what the pointer moves.
  let start = null;
  grip.addEventListener("pointerdown", (event) => {
    grip.setPointerCapture(event.pointerId);
    start = { x: event.clientX, width: width() };
  });
  grip.addEventListener("pointermove", (event) => start && move(start.width + 2 * (event.clientX - start.x)));
  grip.addEventListener("lostpointercapture", () => { start = null; });
  grip.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 10, ArrowLeft: -10 }[event.key];
    if (!step) return;
    event.preventDefault();
    move(width() + step);
  });
  new ResizeObserver(() => { grip.ariaValueNow = width(); }).observe(host);
  host.append(grip);
}
