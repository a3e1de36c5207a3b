/* The weighbridge in the browser: a scale on Web Serial, weighing by keyboard, a queue that outlives the network. */
import { Cutter, Scale, bestFormat } from "./frames.js";
import { beat, fact, handOver, keep, pair, queued, take } from "./queue.js";
import { written } from "./signed.js";

const VERSION = "1.0.0";
const BEAT_MS = 10000;
const SILENT_MS = 5000;
const LISTEN_MS = 1600;
const words = JSON.parse(document.getElementById("words").textContent);
const declared = JSON.parse(document.getElementById("formats").textContent);
const at = (id) => document.getElementById(id);
const now = { scale: null, heardAt: 0, paired: null, online: false, owesZero: false };

function say(text, bad = false) {
  at("said").textContent = text;
  at("said").classList.toggle("bad", bad);
}

/* DTR and RTS stay low, for raising them restarts some indicators. */
async function open(port, speed) {
  await port.open({ baudRate: speed, dataBits: 8, parity: "none", stopBits: 1, flowControl: "none" });
  await port.setSignals({ dataTerminalReady: false, requestToSend: false }).catch(() => {});
}

async function read(port, each, until = () => false) {
  const reader = port.readable.getReader();
  const tick = setInterval(() => until() && reader.cancel().catch(() => {}), 100);
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      each(part.value);
    }
  } finally {
    clearInterval(tick);
    reader.releaseLock();
  }
}

/* On the wire 7E1 is 8N1 whose highest bit is the parity. */
const plain = (bytes, bits) => (bits.startsWith("7") ? bytes.map((byte) => byte & 0x7f) : bytes);

async function listen(port, speed) {
  const heard = [];
  const ends = Date.now() + LISTEN_MS;
  await open(port, speed);
  await read(port, (bytes) => heard.push(...bytes), () => Date.now() > ends || heard.length > 240);
  await port.close();
  return Uint8Array.from(heard);
}

async function find(port) {
  for (const speed of declared.speeds) {
    const heard = await listen(port, speed);
    for (const bits of declared.settings) {
      const form = bestFormat(plain(heard, bits), declared.formats);
      if (form) {
        return { speed, bits, form };
      }
    }
  }
  return null;
}

async function follow(port) {
  const link = (await fact("link")) || (await find(port));
  if (!link) {
    say(words.garbled, true);
    return;
  }
  await keep("link", link);
  const cutter = new Cutter(link.form);
  now.heardAt = Date.now();
  await open(port, link.speed);
  await read(port, (bytes) => cutter.feed(plain(bytes, link.bits)).forEach(seen), () => Date.now() - now.heardAt > 4 * SILENT_MS);
  await port.close();
  await keep("link", null);
}

/* Until the page is left: a cable that was pulled out comes back. */
async function work(port) {
  for (;;) {
    await follow(port).catch(() => port.close().catch(() => {}));
    await new Promise((wait) => setTimeout(wait, 1000));
  }
}

async function seen(frame) {
  now.heardAt = Date.now();
  const shown = now.scale.feed(frame, performance.now());
  draw();
  if (shown.zero && now.owesZero) {
    now.owesZero = false;
    await keep("owesZero", false);
    await record("zero", shown, "", "");
    flush();
  }
}

const indicator = () => (Date.now() - now.heardAt < SILENT_MS ? "alive" : "silent");

function record(kind, shown, plate, challan) {
  const { kg, minKg, maxKg, raw, format } = shown;
  const values = { at: written(), kind, weight_kg: kg, stable: true, plate, challan, raw: btoa(raw), format };
  return take({ ...values, min_kg: minKg, max_kg: maxKg, place: null });
}

function whyNot(plate) {
  const shown = now.scale.last;
  if (!shown || shown.kg === null || indicator() !== "alive") {
    return words.silent;
  }
  if (!plate) {
    return words.plate;
  }
  if (!shown.stable) {
    return shown.zero ? words.empty : words.moving;
  }
  return now.scale.free ? "" : words.not_zero;
}

async function weigh(event) {
  event.preventDefault();
  const form = event.target;
  const plate = form.plate.value.toUpperCase().replace(/[^A-Z0-9]/g, "");
  const reason = whyNot(plate);
  if (reason) {
    say(reason, true);
    return;
  }
  const kind = (event.submitter && event.submitter.value) || "gross";
  const shown = now.scale.last;
  now.scale.free = false;
  now.owesZero = true;
  await keep("owesZero", true);
  const reading = await record(kind, shown, plate, form.challan.value.trim());
  say(words.taken.replace("{plate}", plate).replace("{kg}", reading.weight_kg));
  at("latest").prepend(row(reading));
  form.reset();
  form.plate.focus();
  flush();
}

function row(reading) {
  const line = document.createElement("tr");
  line.dataset.counter = reading.counter;
  for (const text of [reading.at.slice(11, 19), reading.plate, words.kinds[reading.kind], reading.weight_kg, words.waits]) {
    line.insertCell().textContent = text;
  }
  return line;
}

let flushing = Promise.resolve();
function flush() {
  flushing = flushing.then(async () => {
    try {
      const findings = await handOver(now.paired.device);
      now.online = findings !== null;
      mark(findings || [], (await fact("taken")) || 0);
    } catch {
      now.online = false;
    }
    at("queued").textContent = await queued();
    draw();
  });
  return flushing;
}

function mark(findings, taken) {
  for (const line of at("latest").rows) {
    const counter = Number(line.dataset.counter);
    const mine = findings.filter((finding) => finding.counter === counter);
    if (counter <= taken && line.cells[4].textContent === words.waits) {
      line.cells[4].textContent = [words.sent, ...mine.map((one) => one.message[document.documentElement.lang])].join(" · ");
    }
  }
}

async function tell() {
  const shown = now.scale.last;
  const alive = indicator() === "alive" && shown;
  const state = { weight_kg: alive ? shown.kg : null, stable: Boolean(alive && (shown.stable || shown.zero)) };
  try {
    const told = await beat(now.paired.device, { ...state, indicator: indicator(), queued: await queued(), version: VERSION });
    now.online = told.ok;
    trucks((told.ok && told.told.trucks) || []);
    if (told.status === 401 || told.status === 404) {
      at("pairing").hidden = false; // cut off: another computer was paired with this bridge
      say(words.cut_off, true);
    }
  } catch {
    now.online = false;
  }
  await flush();
}

function trucks(rows) {
  at("trucks").replaceChildren(...rows.map(({ plate }) => Object.assign(document.createElement("option"), { value: plate })));
}

function draw() {
  const shown = now.scale && now.scale.last;
  const alive = indicator() === "alive" && shown && shown.kg !== null;
  at("weight").textContent = alive ? `${shown.kg} ${words.kg}` : "–";
  at("rest").textContent = !alive ? words.silent : shown.stable ? words.still : shown.zero ? words.empty : words.moving;
  at("network").textContent = now.online ? words.online : words.offline;
}

async function begin(paired) {
  now.paired = paired;
  now.scale = new Scale(paired.bridge.division_kg || 10, declared.steady);
  now.owesZero = Boolean(await fact("owesZero"));
  now.scale.free = !now.owesZero;
  at("bridge").textContent = paired.bridge.number;
  at("pairing").hidden = true;
  at("station").hidden = false;
  const [known] = await navigator.serial.getPorts();
  if (known) {
    work(known);
    at("choose").hidden = true;
  }
  setInterval(tell, BEAT_MS);
  setInterval(draw, 1000);
  await tell();
}

at("choose").addEventListener("click", async () => {
  const port = await navigator.serial.requestPort().catch(() => null);
  if (port) {
    at("choose").hidden = true;
    work(port);
    at("weighing").plate.focus();
  }
});
at("weighing").addEventListener("submit", weigh);
at("pairing").code.value = /^#(\d{6})$/.exec(location.hash)?.[1] ?? ""; // from the QR of the weighbridge's page
at("pairing").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const { ok, told } = await pair(event.target.code.value.trim(), VERSION);
    if (ok && now.paired) {
      location.reload();
    } else if (ok) {
      await begin(await fact("paired"));
    } else {
      say(told.detail || words.refused, true);
    }
  } catch {
    say(words.offline, true);
  }
});
window.addEventListener("online", () => now.paired && flush());
if (!navigator.serial) {
  say(words.no_serial, true);
} else {
  const paired = await fact("paired");
  await (paired ? begin(paired) : Promise.resolve());
}
document.body.dataset.ready = "";
