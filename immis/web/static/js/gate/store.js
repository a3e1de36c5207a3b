/* What a gate's device keeps: its key, the department's data for an outage, its book, the words of the office. */
import { openDB } from "../../vendor/pass/idb.js";

export const store = openDB("immis-gate", 1, {
  upgrade(database) {
    database.createObjectStore("kept"); // key, pack, person, high, course
    database.createObjectStore("book", { keyPath: ["quota", "counter"] });
  },
});

export const kept = async (name) => (await store).get("kept", name);
export const keep = async (name, value) => (await store).put("kept", value, name);

/** The lines of a quota, oldest first; all lines without one. */
export async function bookOf(quota) {
  const rows = await (await store).getAll("book");
  return quota ? rows.filter((row) => row.quota === quota) : rows;
}

export const putLine = async (row) => (await store).put("book", row);
