/* The list beside the map follows the same GeoJSON; without a working map it reads it by itself. */
const list = document.querySelector("[data-vehicles]");
const MARKS = { good: "✓", warn: "◷", bad: "■", info: "●" };
const PATIENCE_MS = 5000;
let heard = performance.now();

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
  row.append(link, part("span", `${MARKS[vehicle.state] ?? ""} ${vehicle.label}`, `chip ${vehicle.state}`));
  item.append(row, part("span", [`${vehicle.speed} ${unit}`, vehicle.seen, vehicle.challan].filter(Boolean).join(" · "), "sub"));
  if (vehicle.where) item.append(part("span", vehicle.where, "sub"));
  return item;
}

function show(collection) {
  heard = performance.now();
  const vehicles = collection.features.map((one) => one.properties).filter((one) => one.kind === "vehicle");
  // A reader who is on a row with the keyboard must not lose it.
  const focused = list.contains(document.activeElement) ? document.activeElement.closest("[data-feature]")?.dataset.feature : null;
  const chosen = list.querySelector(".chosen")?.dataset.feature;
  list.replaceChildren(...vehicles.map((one) => entry(one, list.dataset.unit)));
  for (const row of list.children) {
    row.classList.toggle("chosen", row.dataset.feature === chosen);
    if (row.dataset.feature === focused) row.querySelector("a").focus({ preventScroll: true });
  }
  document.getElementById("no-vehicles").hidden = vehicles.length > 0;
  for (const count of document.querySelectorAll("[data-count]")) {
    count.textContent = String(vehicles.filter((one) => one.state === count.dataset.count).length);
  }
}

async function read() {
  if (document.hidden || performance.now() - heard < PATIENCE_MS) return;
  try {
    const answer = await fetch(list.dataset.source, { headers: { Accept: "application/geo+json, application/json" } });
    if (answer.ok) show(await answer.json());
  } catch {
    // the list stays as it is; the next reading tries again
  }
}

if (list) {
  document.addEventListener("map:shown", (event) => show(event.detail));
  setInterval(read, 2000);
}
