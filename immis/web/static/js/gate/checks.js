/* What stands against a load by the data that the gate holds: the department's own findings, its limits, the quota. */
import { headOf } from "./book.js";
import { bookOf } from "./store.js";

const instant = (text) => Date.parse(text);

/** Findings that still stand at an instant: what time alone lifts is over when its time has come. */
export const standing = (stops, at) => stops.filter((stop) => !stop.from || instant(stop.from) > at);

/** Why the gate may issue nothing at all now: codes of words, or findings of the department. */
export async function againstAny(pack, at, setBack) {
  const { quota } = pack;
  if (setBack || at < instant(pack.made_at) - 60_000) return [{ code: "CH-83", word: "set_back" }];
  if (at < instant(quota.starts_at)) return [{ code: "CH-82", word: "not_begun" }];
  if (at >= instant(quota.ends_at)) return [{ code: "CH-82", word: "over" }];
  if (at >= instant(pack.until)) return [{ code: "CH-82", word: "too_old" }];
  if ((await headOf(pack)).used >= quota.last - quota.first + 1) return [{ code: "CH-82", word: "used_up" }];
  return standing(pack.stops, at);
}

/** What was issued since the data came counts against what was left then. */
async function beyondLeft(pack, quantity) {
  const since = instant(pack.made_at);
  const rows = (await bookOf(pack.quota.number)).filter((row) => row.shown.at >= since);
  const sum = rows.reduce((total, row) => total + row.shown.quantity, 0) + quantity;
  return Object.values(pack.left).some((left) => sum > left);
}

/** The gate's own pass of a truck that is still in force: one load at a time. */
export const runningPass = (book, mark, at) => book.find((row) => row.shown.mark === mark && at < row.shown.until);

export function againstTruck(truck, book, at) {
  const found = standing(truck.stops, at);
  const running = runningPass(book, truck.mark, at);
  return running ? [...found, { code: "CH-06", word: "on_trip", number: running.shown.number }] : found;
}

function driverFindings(pack, { driver, truck }) {
  if (!driver.trim()) return [{ code: "CH-09", word: "no_driver" }];
  const known = pack.drivers.filter((row) => row.name.toLowerCase() === driver.trim().toLowerCase());
  return known.length === 1 ? known[0].stops[truck.heavy ? "heavy" : "light"] : [];
}

/** Everything against a load; an empty list lets it go. */
export async function against(pack, load, { at, setBack }) {
  const found = await againstAny(pack, at, setBack);
  if (!load.truck) return [...found, { code: "CH-02", word: "no_truck" }];
  const book = await bookOf();
  found.push(...againstTruck(load.truck, book, at));
  if (!load.place) found.push({ code: "CH-15", word: "no_place" });
  else found.push(...standing(load.place.stops, at));
  found.push(...driverFindings(pack, load));
  if (!(load.quantity > 0 && load.quantity <= load.truck.most)) found.push({ code: "CH-05", word: "too_much" });
  else if (await beyondLeft(pack, load.quantity)) found.push({ code: "CH-08", word: "nothing_left" });
  return found;
}
