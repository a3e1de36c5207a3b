/* An officer's checks: each is kept on this phone first, and leaves it only when the office says that it has it. */
import { due, now, onCheck } from "./page.js";
import { filled, words } from "./shown.js";
import { drop, keep, kept, store } from "./store.js";

const ADDRESS = "/checkpost/phone.json";
const A_MINUTE = 60_000;
const AT_ONCE = 50;
const box = document.getElementById("officer");
const part = (name) => box.querySelector(`[data-${name}]`);
let officer = null;
let last = null;
let sending = null;

async function waitingRows() {
  const rows = await (await store).getAll("waiting");
  return { mine: rows.filter((row) => row.user === officer?.user && !row.why), all: rows };
}

async function say() {
  const { mine, all } = await waitingRows();
  const refused = all.filter((row) => row.why);
  const others = all.length - mine.length - refused.length;
  const lines = [mine.length ? filled(words.waiting, { count: mine.length }) : words.all_sent];
  if (others) lines.push(filled(words.of_another, { count: others }));
  if (refused.length) lines.push(filled(words.refused, { count: refused.length, why: refused.at(-1).why }));
  part("waiting").textContent = lines.join(" ");
  box.dataset.waiting = mine.length;
}

const place = () =>
  new Promise((done) => {
    if (!navigator.geolocation) done({});
    const taken = ({ coords }) => done({ lat: coords.latitude, lon: coords.longitude });
    navigator.geolocation.getCurrentPosition(taken, () => done({}), { timeout: 4000, maximumAge: A_MINUTE });
  });

async function put(row) {
  await (await store).add("waiting", { user: officer.user, ...row });
  await say();
}

/** What the officer saw of the vehicle; of the next one nobody has said yet whether it is covered. */
function seenOfVehicle() {
  const { load, covered, board } = part("load").elements;
  const answer = (choice) => ({ yes: true, no: false })[choice.value];
  const seen = { loaded: load.value === "loaded", covered: answer(covered), board: answer(board) };
  for (const box of [...covered, ...board]) box.checked = false;
  return seen;
}

async function record({ text, at, state, reason }) {
  if (!officer) return;
  const seen = seenOfVehicle();
  last = crypto.randomUUID();
  await put({ id: last, kind: "check", at, text, ...seen, state, reason, ...(await place()) });
  part("said").textContent = words.kept;
  part("outcome").hidden = false;
  send();
}

async function settle(event) {
  event.preventDefault();
  const note = part("outcome").elements.note.value;
  await put({ id: crypto.randomUUID(), kind: "outcome", of: last, at: now(), outcome: event.submitter.value, note });
  part("outcome").reset();
  part("outcome").hidden = true;
  send();
}

async function askWho() {
  const answer = await fetch(ADDRESS, { headers: { accept: "application/json" }, redirect: "manual" });
  if (answer.ok) {
    officer = await answer.json();
    await keep("officer", { user: officer.user, name: officer.name });
  } else if (answer.status === 403 || answer.type === "opaqueredirect") {
    await drop("officer"); // what waits stays until its officer is back
    officer = null;
  }
}

/** The oldest first; what the office has is taken off this phone, what it refuses stays with the reason. */
async function sendSome() {
  await askWho();
  if (!officer?.token) return false;
  const rows = (await waitingRows()).mine.slice(0, AT_ONCE);
  if (!rows.length) return false;
  const headers = { "content-type": "application/json", "x-csrftoken": officer.token };
  const answer = await fetch(ADDRESS, { method: "POST", headers, body: JSON.stringify({ rows, now: now() }) });
  if (!answer.ok) return false;
  const { kept: taken, refused, said } = await answer.json();
  const database = await store;
  for (const row of rows) {
    if (taken.includes(row.id)) await database.delete("waiting", row.seq);
    else if (refused[row.id]) await database.put("waiting", { ...row, why: refused[row.id] });
  }
  if (said) part("said").textContent = filled(words.seen_elsewhere, { text: said });
  return taken.length > 0 && rows.length === AT_ONCE;
}

export function send() {
  sending ??= (async () => {
    try {
      while (await sendSome());
    } catch {
      // no network: it waits
    } finally {
      sending = null;
      await show();
    }
  })();
  return sending;
}

async function show() {
  box.hidden = !officer;
  if (!officer) return;
  part("officer").textContent = officer.name;
  await say();
}

/** Who logs in does so on a page of the house and comes here from there. */
const cameFromTheHouse = () => document.referrer.startsWith(`${location.origin}/`);

onCheck(record);
part("outcome").addEventListener("submit", settle);
part("send").addEventListener("click", send);
addEventListener("online", send);
setInterval(() => officer && send(), A_MINUTE);
officer = (await kept("officer")) ?? null;
await show();
if (officer || due || cameFromTheHouse()) send();
