/* The scale beside this computer: paired with its weighbridge, read, weighed by, its queue handed over. It shows its own
   card; who may load, and the e-challan, are the business of the page that it stands on. */
import { now as clockNow } from "../gate/clock.js";
import { openCamera, openKnown, photograph, sendPhotos } from "./camera.js";
import { Scale } from "./frames.js";
import { NotLearned, learn } from "./learn.js";
import { beat, fact, handOver, keep, newestOf, pair, queued, said, sayOf, take } from "./queue.js";
import { Indicator } from "./serial.js";
import { written } from "./signed.js";

const VERSION = "1.1.0";
const BEAT_MS = 10_000;
const SILENT_MS = 5000;
const SAMPLES_KEPT = 4;
const TRUCKS_EACH = 3; // heartbeats: which trucks stand there changes by the minute
const lang = document.documentElement.lang;
const at = (id) => document.getElementById(id);
const desk = { paired: null, scale: null, online: false, owesZero: false, trucks: [], beats: 0, samples: [], words: {}, changed: () => {} };
let indicator = null;
let flushing = Promise.resolve();

const stamp = () => written(new Date(clockNow()));
/** Whether frames come from the scale. */
export const isAlive = () => indicator !== null && Date.now() - indicator.heardAt < SILENT_MS;

/** What the indicator does: alive, silent or garbled. */
const indicatorState = () => (isAlive() ? "alive" : indicator?.garbled ? "garbled" : "silent");

function tell(text, bad = false) {
  at("said").textContent = text;
  at("said").classList.toggle("bad", bad);
}

function draw() {
  if (!desk.paired) {
    return;
  }
  const shown = desk.scale.last;
  const live = isAlive() && shown && shown.kg !== null;
  const { words } = desk;
  const rest = () => (shown.stable ? words.still : shown.zero ? words.empty : words.moving);
  at("weight").textContent = live ? `${shown.kg} ${words.kg}` : "–";
  at("rest").textContent = live ? rest() : words[indicatorState() === "garbled" ? "garbled" : "silent"];
  at("rest").dataset.state = live ? (shown.stable ? "still" : shown.zero ? "zero" : "moving") : indicatorState();
  at("network").textContent = desk.online ? words.online : words.offline;
}

function record(kind, shown, plate) {
  const { kg, minKg, maxKg, raw, format } = shown;
  const values = { at: stamp(), kind, weight_kg: kg, stable: true, plate, challan: "", raw: btoa(raw), format };
  return take({ ...values, min_kg: minKg, max_kg: maxKg, place: null });
}

async function seen(frame) {
  const shown = desk.scale.feed(frame, performance.now());
  draw();
  if (shown.zero && desk.owesZero) {
    desk.owesZero = false;
    await keep("owesZero", false);
    await record("zero", shown, "");
    flush();
  }
}

/** Whether this computer is paired with a weighbridge. */
export const isPaired = () => desk.paired !== null;

/** The trucks that stood inside the fence at the last heartbeat, each with the first reason against it. */
export const trucksInside = () => desk.trucks;

/** Why no weight can be taken now; empty where it can. */
export function whyNoWeight(plate) {
  const shown = desk.scale.last;
  if (!shown || shown.kg === null || !isAlive()) {
    return desk.words.silent;
  }
  if (!plate) {
    return desk.words.plate;
  }
  if (!shown.stable) {
    return shown.zero ? desk.words.empty : desk.words.moving;
  }
  return desk.scale.free ? "" : desk.words.not_zero;
}

/** Keep a weight, signed and chained, and hand it over where there is a network. Answers the weighment. */
export async function weigh(kind, plate) {
  const shown = desk.scale.last;
  desk.scale.free = false;
  desk.owesZero = true;
  await keep("owesZero", true);
  const reading = await record(kind, shown, plate);
  await photograph(reading.counter).catch(() => {}); // a weight counts without its picture
  tell(desk.words.taken.replace("{plate}", plate).replace("{kg}", reading.weight_kg));
  await flush();
  return reading;
}

/** What the department said of a weighment; null while it waits. */
export const findingsOf = (reading) => sayOf(reading.counter);

/** The newest weight of a truck of a kind in this browser, so many minutes old at most, that nothing speaks against. */
export async function weightOf(kind, plate, minutes) {
  const reading = await newestOf(kind, plate);
  if (!reading || clockNow() - Date.parse(reading.at) > minutes * 60_000) {
    return null;
  }
  const findings = await findingsOf(reading);
  return findings?.some((row) => row.stops) ? null : reading;
}

/** Hand over what waits. */
export function flush() {
  flushing = flushing.then(async () => {
    try {
      const findings = await handOver(desk.paired.device, stamp);
      desk.online = findings !== null;
      await sendPhotos(desk.paired.device);
    } catch {
      desk.online = false;
    }
    await show();
  });
  return flushing;
}

async function show() {
  at("queued").textContent = await queued();
  at("latest").replaceChildren(...(await said()).map(row));
  draw();
}

function row({ reading, taken, findings }) {
  const line = document.createElement("tr");
  line.dataset.counter = reading.counter;
  const state = [taken ? desk.words.sent : desk.words.waits, ...findings.map((one) => one.message[lang])].join(" · ");
  for (const text of [reading.at.slice(11, 19), reading.plate, desk.words.kinds[reading.kind], reading.weight_kg, state]) {
    line.insertCell().textContent = text;
  }
  return line;
}

async function beatOnce() {
  const shown = desk.scale.last;
  const live = isAlive() && shown;
  const state = { weight_kg: live ? shown.kg : null, stable: Boolean(live && (shown.stable || shown.zero)) };
  const trucks = desk.beats++ % TRUCKS_EACH === 0;
  const more = { indicator: indicatorState(), queued: await queued(), version: VERSION, trucks };
  try {
    const answer = await beat(desk.paired.device, { ...state, ...more }, stamp());
    desk.online = answer.ok;
    if (trucks) desk.trucks = (answer.ok && answer.told.trucks) || [];
    if (answer.status === 401 || answer.status === 404) {
      at("pair-box").hidden = false; // cut off: another computer was paired with this bridge
      tell(desk.words.cut_off, true);
    }
  } catch {
    desk.online = false;
  }
  await flush();
  desk.changed();
}

async function begin(paired, declared) {
  desk.paired = paired;
  desk.scale = new Scale(paired.bridge.division_kg || 10, declared.steady);
  desk.owesZero = Boolean(await fact("owesZero"));
  desk.scale.free = !desk.owesZero;
  indicator = new Indicator(declared, seen);
  at("bridge").textContent = [paired.bridge.number, paired.bridge.name?.[lang]].filter(Boolean).join(" · ");
  at("pair-box").hidden = true;
  at("scale").hidden = false;
  const [known] = await navigator.serial.getPorts();
  if (known) {
    indicator.work(known);
    at("choose").hidden = true;
  }
  openKnown(at("seen")).then((isOpen) => (at("film").hidden = isOpen)); // a browser may ask first
  setInterval(beatOnce, BEAT_MS);
  setInterval(draw, 1000);
  await show();
  desk.changed();
  beatOnce();
}

async function choosePort() {
  const port = await navigator.serial.requestPort().catch(() => null);
  if (port) {
    at("choose").hidden = true;
    indicator.work(port);
    desk.changed();
  }
}

async function pairBy(code, declared) {
  try {
    const { ok, told } = await pair(code, VERSION, stamp());
    if (ok && desk.paired) {
      location.reload();
    } else if (ok) {
      await begin(await fact("paired"), declared);
    } else {
      tell(reasonIn(told) || desk.words.refused, true);
    }
  } catch {
    tell(desk.words.offline, true);
  }
}

/* What a refusal says, however it is shaped. */
function reasonIn(told) {
  const found = told.finding ?? told.findings?.[0] ?? told;
  const message = found.message ?? found.detail ?? "";
  return typeof message === "object" ? (message[lang] ?? "") : message;
}

/* One more number that the indicator shows; the format is kept once it is told. */
async function learnOne(event) {
  event.preventDefault();
  const { shown, unit } = event.target;
  desk.samples = [...desk.samples, { data: indicator.recent, shown: shown.value.trim() }].slice(-SAMPLES_KEPT);
  try {
    await keep("learned", learn(desk.samples, unit.value));
    await keep("link", null);
    indicator.lookAgain();
    tell(desk.words.learned);
  } catch (fault) {
    if (!(fault instanceof NotLearned)) {
      throw fault;
    }
    desk.samples = []; // a number that was mistyped fits nothing that comes after it
    tell(desk.words[fault.message], true);
  }
}

/** Begin: with the weighbridge that this computer is paired with, else with the six digits. */
export async function start({ words, declared, changed }) {
  desk.words = words;
  desk.changed = changed;
  at("choose").addEventListener("click", choosePort);
  at("film").addEventListener("click", async () => {
    at("film").hidden = await openCamera(at("seen"));
  });
  at("learning").addEventListener("submit", learnOne);
  at("pairing").addEventListener("submit", (event) => {
    event.preventDefault();
    pairBy(event.target.code.value.trim(), declared);
  });
  addEventListener("online", () => desk.paired && flush());
  const [, code] = /^#(\d{6})$/.exec(location.hash) ?? []; // from the QR of the weighbridge's page
  at("pairing").code.value = code ?? "";
  at("pair-box").open = Boolean(code);
  at("no-serial").hidden = Boolean(navigator.serial);
  const paired = await fact("paired");
  if (paired && navigator.serial) {
    await begin(paired, declared);
  } else if (code && navigator.serial) {
    await pairBy(code, declared); // a computer that weighs for nobody yet; another one is asked by the button
  }
}
