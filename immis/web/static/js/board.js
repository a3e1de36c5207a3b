/* The board of weighbridges draws itself anew with each beat of the event stream, and by the clock where there is none;
   what is being read or reached by key stays. */
const EVERY_MS = 10_000;
const board = document.querySelector("[data-board]");
let drawn = performance.now();

async function draw() {
  if (document.hidden || board.contains(document.activeElement) || !document.getSelection().isCollapsed) return;
  drawn = performance.now();
  try {
    const answer = await fetch(location.href, { headers: { "Immis-Part": "board" } });
    if (answer.ok && !answer.redirected) board.innerHTML = await answer.text();
  } catch {
    // the line is cut: the page says as of when it is
  }
}

const source = new EventSource(board.dataset.board);
source.addEventListener("clock", draw);
source.addEventListener("alarm", draw);
setInterval(() => performance.now() - drawn > 1.5 * EVERY_MS && draw(), EVERY_MS);
document.addEventListener("visibilitychange", draw);
