/* The list beside the live map, read anew every two seconds by the filters of the form, which act without a new page. */
import { live } from "./live.js";

const list = document.querySelector("[data-vehicles]");
const form = document.querySelector("[data-live-filter]");
const MARKS = { good: "✓", warn: "◷", bad: "■", info: "●" };

function part(tag, text, className) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

function entry(vehicle, unit) {
  const item = document.createElement("li");
  item.dataset.feature = vehicle.id;
  const row = part("div", "", "row");
  const link = part("a", vehicle.name);
  link.href = vehicle.url;
  const name = part("span", "", "tag-line");
  name.append(link);
  if (vehicle.phone) name.append(part("span", `${MARKS.warn} ${list.dataset.phone}`, "chip warn"));
  row.append(name);
  row.append(part("span", `${MARKS[vehicle.state] ?? ""} ${vehicle.label}`, `chip ${vehicle.state}`));
  item.append(row, part("span", [`${vehicle.speed} ${unit}`, vehicle.seen, vehicle.challan].filter(Boolean).join(" · "), "sub"));
  if (vehicle.where) item.append(part("span", vehicle.where, "sub"));
  return item;
}

function show(collection) {
  const vehicles = collection.features.map((one) => one.properties).filter((one) => one.kind === "vehicle");
  // A reader who is on a row with the keyboard must not lose it.
  const focused = list.contains(document.activeElement) ? document.activeElement.closest("[data-feature]")?.dataset.feature : null;
  list.replaceChildren(...vehicles.map((one) => entry(one, list.dataset.unit)));
  for (const row of list.children) if (row.dataset.feature === focused) row.querySelector("a").focus({ preventScroll: true });
  document.getElementById("no-vehicles").hidden = vehicles.length > 0;
}

const query = () => new URLSearchParams([...new FormData(form)].filter(([, value]) => value)).toString();

async function read() {
  if (document.hidden) return;
  try {
    const answer = await fetch(`${list.dataset.source}?${query()}`, { headers: { Accept: "application/geo+json, application/json" } });
    if (answer.ok) show(await answer.json());
  } catch {
    // the list stays as it is; the next reading tries again
  }
}

function filter() {
  const said = Object.fromEntries(new FormData(form));
  history.replaceState(null, "", `${location.pathname}${query() ? `?${query()}` : ""}`);
  live?.set({ state: said.state ?? "", district: said.district ?? "", ghat: said.ghat ?? "", text: (said.q ?? "").toUpperCase().replace(/[^A-Z0-9]/g, "") });
  read();
}

form.addEventListener("submit", (event) => { event.preventDefault(); filter(); });
form.addEventListener("change", filter);
document.getElementById("counts").addEventListener("click", (event) => {
  const pick = event.target.closest("[data-pick]");
  if (!pick) return;
  event.preventDefault();
  form.elements.state.value = form.elements.state.value === pick.dataset.pick ? "" : pick.dataset.pick;
  filter();
});
for (const act of ["mouseover", "focusin"]) {
  list.addEventListener(act, (event) => {
    const i = live?.find(event.target.closest("[data-feature]")?.dataset.feature) ?? -1;
    if (i >= 0) live.mark(i);
  });
}
filter();
setInterval(read, 2000);
