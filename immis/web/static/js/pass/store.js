/* What this phone keeps: the signed lists, what it has seen, and an officer's checks that wait to be sent. */
import { openDB } from "../../vendor/pass/idb.js";

export const store = openDB("immis-pass", 1, {
  upgrade(database) {
    database.createObjectStore("kept"); // keys, cancelled, root, officer
    database.createObjectStore("seen", { keyPath: "passId" });
    database.createObjectStore("waiting", { keyPath: "seq", autoIncrement: true });
  },
});

export const kept = async (name) => (await store).get("kept", name);
export const keep = async (name, value) => (await store).put("kept", value, name);
export const drop = async (name) => (await store).delete("kept", name);
