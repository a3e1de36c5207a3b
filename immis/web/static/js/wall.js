/* The wall of the monitoring cell: f fills the screen, arrows go through the districts, t turns by itself. */
import { live } from "./live.js";

const wall = document.querySelector("[data-wall]");
const place = wall.querySelector("[data-wall-district]");
const turn = wall.querySelector("[data-wall-turn]");
const TURN_MS = 15_000;
const time = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Kolkata", day: "2-digit", month: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false });
let [at, timer] = [0, 0];

function show(step) {
  const names = wall.querySelectorAll("[data-wall-names] li");
  at = (at + step + names.length) % names.length;
  place.textContent = names[at].textContent;
  live.set({ district: names[at].dataset.name });
  live.fit();
}

function fill() {
  if (document.fullscreenElement) document.exitFullscreen();
  else wall.requestFullscreen?.();
}

function toggle() {
  if (!turn) return; // one district has no next
  timer = timer ? clearInterval(timer) ?? 0 : setInterval(() => show(1), TURN_MS);
  turn.setAttribute("aria-pressed", String(Boolean(timer)));
}

const keys = { f: fill, ArrowRight: () => show(1), ArrowLeft: () => show(-1), t: toggle };
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, .map-canvas") || !keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});
wall.querySelector("[data-wall-full]").addEventListener("click", fill);
wall.querySelector("[data-wall-next]")?.addEventListener("click", () => show(1));
turn?.addEventListener("click", toggle);
document.addEventListener("fullscreenchange", () => live?.map.resize());
document.addEventListener("fleet", () => { wall.querySelector("[data-wall-clock]").textContent = time.format(live.fleet.head.now * 1000); });
