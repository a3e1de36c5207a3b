import "./forms.js";

/* Keyboard throughout: j and k walk the rows, Enter opens, d goes to the proposed act, ? lists the keys. */
const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent);
let chosen = -1;

function choose(index) {
  const all = rows();
  if (!all.length) return;
  all[chosen]?.classList.remove("chosen");
  chosen = Math.max(0, Math.min(index, all.length - 1));
  all[chosen].classList.add("chosen");
  all[chosen].scrollIntoView({ block: "nearest" });
}

const acts = {
  "?": () => document.getElementById("keys")?.showModal(),
  j: () => choose(chosen + 1),
  k: () => choose(chosen - 1),
  d: () => rows()[chosen]?.querySelector("[data-decide]")?.focus(),
  "/": () => document.getElementById("find")?.focus(),
  Enter: () => rows()[chosen]?.querySelector("a[href]")?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.target.closest("input, select, textarea, button, a, summary, [contenteditable]") && event.key !== "?") return;
  if (event.target.closest("input, select, textarea")) return;
  const own = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  const act = own ? () => own.focus() : acts[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

/* A second press while the first is on its way sends nothing twice. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.dataset.again !== undefined) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
  addEventListener("pageshow", () => delete form.dataset.sent, { once: true });
});

/* Filters send themselves where a page says so. */
document.addEventListener("change", (event) => event.target.closest("form[data-auto]")?.requestSubmit());

/* A list is printed by its button. */
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

/* The clock of a demonstration goes on while the page is read. */
const note = document.querySelector("[data-clock]");
if (note) {
  const [began, place] = [performance.now(), note.querySelector("time")];
  const shown = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Kolkata", day: "2-digit", month: "2-digit", year: "numeric", hour: "2-digit", minute: "2-digit", hour12: false });
  const tick = () => {
    const at = new Date(1000 * (Number(note.dataset.clock) + ((performance.now() - began) / 1000) * Number(note.dataset.rate)));
    const part = Object.fromEntries(shown.formatToParts(at).map(({ type, value }) => [type, value]));
    place.textContent = `${part.day}.${part.month}.${part.year}, ${part.hour}:${part.minute}`;
  };
  setInterval(tick, Math.max(1000 / Number(note.dataset.rate), 250));
}

/* What is begun in a long form waits on this device until it was taken. */
const own = document.querySelector("script[src*=draft]");
if (!own && (document.querySelector("form[data-draft]") || document.querySelector(".flash .success"))) import("./draft.js");
