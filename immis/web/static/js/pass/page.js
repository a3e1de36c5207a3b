/* The installed page: camera, photo or typed code in, a verdict out, with no network. */
import { verifyPass } from "./check.js";
import { knownLists, renewLists } from "./lists.js";
import { head, shownAge, filled, showVerdict, words } from "./shown.js";
import { keep, kept, store } from "./store.js";
import { carriesPass } from "./text.js";

const AGAIN_MS = 120_000; // the same e-challan before the same phone within two minutes is one look
const $ = (id) => document.getElementById(id);
const verdict = $("verdict");
const listeners = [];
let looking = null;

/** Whether the office is to be asked: a page that is opened again within minutes costs nothing on the wire (CH-61). */
async function isDue() {
  const since = Date.now() - ((await kept("asked")) ?? 0);
  return since < 0 || since >= words.ask_again_minutes * 60_000 || !(await knownLists());
}

/** Where an installation runs by a clock of its own (a demonstration), the page keeps to it. */
export function now() {
  const { clock, drawn, rate } = document.body.dataset;
  return clock ? Number(clock) * 1000 + (Date.now() - Number(drawn) * 1000) * Number(rate || 1) : Date.now();
}

/** Have a function called with each check: its text, what was found, and the verdict. */
export const onCheck = (listener) => listeners.push(listener);

async function seenBefore(found, at) {
  if (!found.facts) return null;
  const database = await store;
  const before = await database.get("seen", found.facts.passId);
  const first = before && at - before.at > AGAIN_MS ? before.at : null;
  if (!before || first) await database.put("seen", { passId: found.facts.passId, at });
  return first;
}

// A plate or a number proves nothing by itself: only the office knows what stands behind it.
const isNumber = (text) => !carriesPass(text) && /^[\p{L}\p{N} ./_-]{3,24}$/u.test(text.trim());
const forTheOffice = {
  genuine: null,
  inTime: null,
  cancelled: null,
  facts: null,
  reason: "for_the_office",
  listAgeHours: null,
  clockBehindHours: 0,
};

/** Check a text; shows and answers the verdict. */
export async function check(text) {
  const lists = await knownLists();
  if (!lists) {
    $("lists").textContent = words.no_keys;
    return null;
  }
  const at = now();
  const found = isNumber(text) ? forTheOffice : await verifyPass(text, { ...lists, at });
  const shown = showVerdict(verdict, found, await seenBefore(found, at));
  for (const listener of listeners) await listener({ text, at, found, ...shown });
  return found;
}

async function say() {
  const lists = await knownLists();
  if (!lists) {
    $("lists").textContent = words.no_keys;
    return;
  }
  const hours = (now() - (lists.cancelled ?? lists.keys).issuedAt) / 3_600_000;
  $("lists").textContent = hours < -0.01 ? words.clock_wrong : filled(words.ready, { age: shownAge(hours) });
  $("lists").dataset.ready = "";
}

async function renew() {
  if (!(await renewLists())) return;
  await keep("asked", Date.now());
  await say();
}

async function lookByCamera() {
  if (looking) return looking.abort();
  looking = new AbortController();
  $("view").hidden = false;
  $("camera").textContent = words.stop_camera;
  try {
    const { lookThrough } = await import("./read.js");
    const text = await lookThrough($("view"), looking);
    if (text) await check(text);
  } catch {
    $("note").textContent = words.no_camera;
  } finally {
    looking = null;
    $("view").hidden = true;
    $("camera").textContent = words.camera;
  }
  return null;
}

async function lookAtPhoto({ target }) {
  const [file] = target.files;
  if (!file) return;
  $("note").textContent = "";
  try {
    const { textsInPhoto } = await import("./read.js");
    const texts = await textsInPhoto(file);
    if (texts.length === 1) await check(texts[0]);
    else $("note").textContent = texts.length ? words.several : words.no_qr;
  } catch {
    $("note").textContent = words.no_picture;
  }
  target.value = "";
}

function takeTyped(event) {
  event.preventDefault();
  const field = $("typed").elements.text;
  if (field.value.trim()) check(field.value);
  field.value = "";
}

/** A pass in the address, as a camera opens it: it is read once and leaves the address. */
function takeAddress() {
  const text = location.hash;
  if (text.length < 60) return;
  history.replaceState(null, "", location.pathname);
  check(text);
}

function anotherPlate() {
  head(verdict, "bad", words.headlines.other_plate[1], words.what.other_plate);
  verdict.dataset.reason = "other_plate";
  verdict.querySelector("[data-compare]").hidden = true;
}

async function install() {
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register(document.body.dataset.worker, { scope: "/verify", updateViaCache: "all" });
  await navigator.serviceWorker.ready;
  document.body.dataset.installed = "";
  $("offline-ready").hidden = false;
}

$("camera").addEventListener("click", lookByCamera);
$("photo").addEventListener("change", lookAtPhoto);
$("typed").addEventListener("submit", takeTyped);
verdict.querySelector("[data-same]").addEventListener("click", () => {
  verdict.querySelector("[data-compare]").hidden = true;
});
verdict.querySelector("[data-other]").addEventListener("click", anotherPlate);
addEventListener("hashchange", takeAddress);
addEventListener("online", renew);
document.addEventListener("visibilitychange", async () => {
  if (!document.hidden && (await isDue())) await renew();
});

export const due = await isDue();
await say();
if (due) await renew();
takeAddress();
install().catch(() => {}); // without a worker the page works as long as it stands open
