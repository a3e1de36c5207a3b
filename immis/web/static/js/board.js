/* The board of weighbridges draws itself anew as often as they beat; what is being read or reached by key stays. */
const EVERY_MS = 10_000;
const board = document.querySelector("[data-board]");

async function draw() {
  if (document.hidden || board.contains(document.activeElement) || !document.getSelection().isCollapsed) return;
  try {
    const answer = await fetch(location.href, { headers: { "Immis-Part": "board" } });
    if (answer.ok && !answer.redirected) board.innerHTML = await answer.text();
  } catch {
    // the line is cut: the page says as of when it is
  }
}

setInterval(draw, EVERY_MS);
document.addEventListener("visibilitychange", draw);
