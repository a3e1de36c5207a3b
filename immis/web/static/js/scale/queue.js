/* The chain of readings in this browser: each is kept, signed, before anybody is told of it; sent in order. */
import { openDB } from "../../vendor/pass/idb.js";
import { NOTHING_BEFORE, canonical, hashOf, makeKey, publicText, sign } from "./signed.js";

const MOST = 100;
const SHOWN = 20;
const REMEMBERED = 200;
const LOOKED_THROUGH = 2000;
const store = openDB("immis-scale", 2, {
  upgrade(database, before) {
    if (before < 1) {
      database.createObjectStore("facts");
      database.createObjectStore("readings", { keyPath: "counter" });
    }
    database.createObjectStore("photos"); // by the counter of the weighment
  },
});

export const fact = async (name) => (await store).get("facts", name);
export const keep = async (name, value) => (await store).put("facts", value, name);

/* A new pairing has a new key and begins a new chain, in one step. */
async function begin(key, paired) {
  const change = (await store).transaction(["facts", "readings", "photos"], "readwrite", { durability: "strict" });
  change.objectStore("readings").clear();
  change.objectStore("photos").clear();
  const facts = change.objectStore("facts");
  facts.put(key, "key");
  facts.put(paired, "paired");
  facts.delete("last");
  facts.delete("taken");
  facts.delete("findings");
  await change.done;
}

/* Signing takes no part in a transaction of IndexedDB, so that two tabs are kept apart by a lock of the browser. */
export const take = (values) =>
  navigator.locks.request("immis-scale", async () => {
    const database = await store;
    const last = (await fact("last")) || { counter: 0, hash: NOTHING_BEFORE };
    const reading = { ...values, counter: last.counter + 1, previous: last.hash };
    reading.signature = await sign(await fact("key"), canonical(reading));
    const hash = await hashOf(reading);
    const change = database.transaction(["facts", "readings"], "readwrite", { durability: "strict" });
    change.objectStore("readings").add(reading);
    change.objectStore("facts").put({ counter: reading.counter, hash }, "last");
    await change.done;
    return reading;
  });

export async function waiting() {
  const done = (await fact("taken")) || 0;
  return (await store).getAll("readings", IDBKeyRange.lowerBound(done, true), MOST);
}

export async function queued() {
  const done = (await fact("taken")) || 0;
  return (await store).count("readings", IDBKeyRange.lowerBound(done, true));
}

async function post(path, body, key) {
  return send(path, new TextEncoder().encode(JSON.stringify(body)), "application/json", key);
}

async function send(path, data, kind, key) {
  const headers = { "Content-Type": kind, "Immis-Signature": await sign(key || (await fact("key")), data) };
  const answer = await fetch(path, { method: "POST", body: data, headers, credentials: "omit" });
  const told = await answer.json().catch(() => ({}));
  return { status: answer.status, ok: answer.ok, told };
}

export async function pair(code, version, at) {
  const software = { name: "immis-station", version, kind: "page" };
  const made = await makeKey(); // one for each try: the department may know one whose answer was lost
  const body = { code, public_key: await publicText(made), software, at };
  const answer = await post("/api/v1/weighbridges/pair", body, made);
  if (answer.ok) {
    await begin(made, { device: answer.told.device, bridge: answer.told.bridge });
  }
  return answer;
}

/* Hands over what waits, oldest first; the findings that came back, null where the department said no. `stamp` is now. */
export async function handOver(device, stamp) {
  const findings = [];
  for (let rows = await waiting(); rows.length; rows = await waiting()) {
    const { status, told } = await post(`/api/v1/weighbridges/${device}/readings`, { sent_at: stamp(), readings: rows });
    if (!Number.isInteger(told.taken_up_to) || (status !== 200 && status !== 409)) {
      return null;
    }
    const before = (await fact("taken")) || 0;
    await keep("taken", told.taken_up_to);
    await keepFindings(told.findings || []);
    findings.push(...(told.findings || []));
    if (told.taken_up_to === before) {
      break;
    }
  }
  return findings;
}

export const beat = (device, state, at) => post(`/api/v1/weighbridges/${device}/heartbeat`, { ...state, at });

export const keepPhoto = async (counter, picture) => (await store).put("photos", picture, counter);
export const forgetPhoto = async (counter) => (await store).delete("photos", counter);
export const photosUpTo = async (counter) => (await store).getAllKeys("photos", IDBKeyRange.upperBound(counter));

/** Send the picture of a weighment; the status of the answer. */
export async function sendPhoto(device, counter) {
  const picture = await (await store).get("photos", counter);
  const bytes = new Uint8Array(await picture.arrayBuffer());
  return (await send(`/api/v1/weighbridges/${device}/readings/${counter}/photo`, bytes, picture.type)).status;
}

/** What the department said of a weighment, of the last ones; null while it waits. */
export async function sayOf(counter) {
  return counter <= ((await fact("taken")) || 0) ? (((await fact("findings")) || {})[counter] ?? []) : null;
}

async function keepFindings(findings) {
  const before = (await fact("findings")) || {};
  const all = { ...before };
  findings.forEach(({ counter }) => (all[counter] = []));
  findings.forEach((row) => all[row.counter].push(row));
  await keep("findings", Object.fromEntries(Object.entries(all).slice(-REMEMBERED)));
}

/* Weighments from the newest on. */
async function* newest() {
  const change = (await store).transaction("readings");
  for (let cursor = await change.store.openCursor(null, "prev"); cursor; cursor = await cursor.continue()) {
    yield cursor.value;
  }
}

/** The newest weighment of a truck of a kind; null where there is none. */
export async function newestOf(kind, plate) {
  let looked = 0;
  for await (const reading of newest()) {
    if (reading.kind === kind && reading.plate === plate) {
      return reading;
    }
    looked += 1;
    if (looked >= LOOKED_THROUGH) {
      break;
    }
  }
  return null;
}

/** The last weighments, newest first, each with what was said of it. */
export async function said() {
  const [taken, found, rows] = [(await fact("taken")) || 0, (await fact("findings")) || {}, []];
  for await (const reading of newest()) {
    rows.push({ reading, taken: reading.counter <= taken, findings: found[reading.counter] ?? [] });
    if (rows.length >= SHOWN) {
      break;
    }
  }
  return rows;
}
