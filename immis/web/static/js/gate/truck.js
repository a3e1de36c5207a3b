/* The truck at the gate: typed by its last signs or picked from those inside the fence, with what stops each. */
import { againstTruck } from "./checks.js";
import { now } from "./clock.js";
import { bookOf } from "./store.js";
import { said, words } from "./words.js";

const LEAST = 3; // so many signs tell a truck, if they are the last of one alone
const $ = (id) => document.getElementById(id);

const marked = (text) => text.toUpperCase().replace(/[^A-Z0-9]/g, "");
const only = (rows) => (rows.length === 1 ? rows[0] : null);

/** The truck that is meant: of its whole mark, or the only one that ends so, those inside the fence first. */
export function meant(text, vehicles) {
  const mark = marked(text);
  const ending = mark.length < LEAST ? [] : vehicles.filter((row) => row.mark.endsWith(mark));
  const known = vehicles.find((row) => row.mark === mark) ?? only(ending.filter((row) => row.here)) ?? only(ending);
  return known ?? (mark.length > 5 ? { mark, stops: [], usual: {}, most: 0, isUnknown: true } : null);
}

/** What stands against a truck by what this device knows now. */
export const stopsOf = async (truck) => againstTruck(truck, await bookOf(), now());

const item = (...parts) => {
  const line = document.createElement("li");
  line.append(...parts);
  return line;
};

function pick(truck, field) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "btn quiet", textContent: truck.mark });
  button.addEventListener("click", () => {
    field.value = truck.mark;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    field.focus();
  });
  return button;
}

/** Draw the trucks inside the fence, those that may load first, and offer all of them as one types. */
export async function showTrucks(vehicles, field) {
  const book = await bookOf();
  const rows = vehicles.map((truck) => ({ truck, stops: againstTruck(truck, book, now()) }));
  const offered = rows.filter(({ stops }) => !stops.length).map(({ truck }) => Object.assign(document.createElement("option"), { value: truck.mark }));
  $("trucks").replaceChildren(...offered);
  const inside = rows.filter(({ truck }) => truck.here !== false);
  inside.sort((a, b) => Boolean(a.stops.length) - Boolean(b.stops.length));
  const lines = inside.map(({ truck, stops }) => {
    const line = item(pick(truck, field), document.createTextNode(` ${stops.length ? stops.map(said).join(" ") : words.may_load}`));
    line.dataset.truck = truck.mark;
    line.dataset.fit = stops.length ? "no" : "yes";
    return line;
  });
  $("inside").replaceChildren(...(lines.length ? lines : [item(words.none_inside)]));
}
