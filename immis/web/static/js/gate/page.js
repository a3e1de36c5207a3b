/* The gate's screen: weigh, choose, issue, print, by the keyboard alone. With a line the department issues, without one
   the gate's quota does; a computer without a scale types the quantity. */
import { isPaired, start, trucksInside } from "../scale/desk.js";
import { headOf, issue } from "./book.js";
import { against, againstAny } from "./checks.js";
import { loadCourse, now, wasSetBack } from "./clock.js";
import { codeOf, ownKey } from "./key.js";
import { handIn, issueByOffice, work } from "./line.js";
import { forget, nextStep, waitingLoad, weighTruck } from "./load.js";
import { fillSlip } from "./slip.js";
import { bookOf, keep, kept } from "./store.js";
import { meant, showTrucks, stopsOf } from "./truck.js";
import { filled, lang, said, shownTime, words } from "./words.js";

const EVERY_MS = 20_000;
const SHOWN = 60;
const KEPT = 20;
const $ = (id) => document.getElementById(id);
const form = $("issue");
const field = form.elements;
let office = null; // what it said to who is signed in
let isReached = false;
let known = null; // trucks, destinations, drivers: of the office, or of the pack

/* Trucks as the office knows them; where nobody is signed in, those of the scale's own heartbeat. */
const ofScale = ({ plate, fit, words: why }) => ({ mark: plate, here: true, stops: fit ? [] : [{ code: "", ...why }], usual: {} });
const vehicles = () => known?.vehicles ?? trucksInside().map(ofScale);

const option = (value, text) => Object.assign(document.createElement("option"), { value, textContent: text });
const item = (text) => Object.assign(document.createElement("li"), { textContent: text });

function showOffice(standing, key) {
  document.body.dataset.line_state = office ? "on" : isReached ? "nobody" : "off";
  const reached = office ? filled(words.on_line, { name: office.name }) : words.nobody;
  $("line").textContent = isReached ? reached : words.off_line;
  $("log-in").hidden = !isReached || Boolean(office);
  $("enrol").hidden = Boolean(standing) || !office?.leases.length;
  $("key").hidden = !key || standing?.state === "approved" || $("enrol").hidden === false;
  if (key) $("code").textContent = codeOf(key.kid);
  $("key-state").textContent = words.keys[standing?.state] ?? "";
  for (const select of [$("enrol").elements.lease, $("lease")]) {
    if (office && !select.options.length) select.append(...office.leases.map((row) => option(row.number, row.name)));
  }
  $("which").hidden = !(office?.leases.length > 1);
}

async function showPack(pack) {
  $("quota").hidden = !pack;
  if (!pack) return;
  const { used } = await headOf(pack);
  const most = pack.quota.last - pack.quota.first + 1;
  $("left").textContent = filled(words.left, { left: most - used, most });
  $("left").dataset.left = most - used;
  $("held").textContent = filled(words.held, { at: shownTime(Date.parse(pack.made_at)), until: shownTime(Date.parse(pack.until)) });
  const found = await againstAny(pack, now(), await wasSetBack());
  $("stops").replaceChildren(...found.map((row) => item(`${said(row)} (${row.code})`)));
}

async function showKnown() {
  form.hidden = !known && !isPaired();
  $("of-load").hidden = !known;
  await showTrucks(vehicles(), field.truck);
  if (known && field.place.dataset.of !== known.lease.number) {
    const far = (place) => (place.metres ? ` · ${Math.round(place.metres / 1000)} km` : "");
    field.place.replaceChildren(option("", words.choose), ...known.places.map((place) => option(place.code, `${place[lang]}${far(place)}`)));
    field.place.dataset.of = known.lease.number;
    $("drivers").replaceChildren(...known.drivers.map((row) => option(row.name, row.licence)));
  }
  await showStep();
}

/* What is said of the truck in the field, and what Enter does with it. */
async function showStep() {
  const truck = meant(field.truck.value, vehicles());
  const step = truck ? await nextStep(truck, known) : isPaired() ? "tare" : "issue";
  const stops = truck ? await stopsOf(truck) : [];
  const good = truck?.isUnknown ? words.not_inside : words.may_load;
  $("truck-said").textContent = truck ? `${truck.mark}: ${stops.length ? stops.map(said).join(" ") : good}` : "";
  $("truck-said").classList.toggle("bad", stops.length > 0);
  const load = await waitingLoad(known);
  const isWeighed = Boolean(load) && load.mark === truck?.mark;
  $("weights").textContent = isWeighed ? filled(words.weights, { ...load, m3: load.quantity / 1000 }) : "";
  field.quantity.readOnly = isWeighed;
  $("hand").hidden = !office || step !== "issue" || isWeighed;
  if (isWeighed) field.quantity.value = load.quantity / 1000;
  $("go").textContent = words.steps[step];
  form.dataset.step = step;
  $("again").hidden = step !== "gross"; // the empty weight of before may be weighed anew
  return { truck, step };
}

async function showBook() {
  const offline = (await bookOf()).slice(-SHOWN).reverse();
  const waiting = offline.filter((row) => row.state === "waiting").length;
  $("waiting").textContent = filled(words.waiting, { count: waiting });
  $("waiting").dataset.waiting = waiting;
  const rows = [...offline, ...((await kept("issued")) ?? [])].sort((a, b) => b.shown.at - a.shown.at);
  $("book").replaceChildren(...rows.slice(0, SHOWN).map(lineOf));
}

function lineOf(row) {
  const { shown } = row;
  const line = document.createElement("li");
  line.dataset.state = row.state;
  line.dataset.number = shown.number;
  const text = `${shown.number} · ${shown.mark} · ${shownTime(shown.at)} · ${words.states[row.state]} ${row.codes ?? ""}`;
  const again = Object.assign(document.createElement("button"), { type: "button", className: "btn quiet", textContent: words.print });
  again.addEventListener("click", () => printSlip(row));
  line.append(Object.assign(document.createElement("span"), { textContent: text }), again);
  return line;
}

function printSlip(row) {
  fillSlip($("slip"), row);
  $("slip").dataset.number = row.shown.number;
  window.print();
}

function refuse(findings) {
  $("refused").hidden = !findings.length;
  $("reasons").replaceChildren(...findings.map((row) => item(`${said(row)} (${row.code})`)));
  if (findings.length) $("refused").querySelector("h2").focus();
  return findings.length > 0;
}

/** A truck brings its usual load with it. */
function takeUsual(truck) {
  const usual = truck?.usual ?? {};
  if (truck?.most && !isPaired()) field.quantity.value = truck.most / 1000;
  field.place.value = usual.place || field.place.value || (known?.places[0]?.code ?? "");
  if (usual.driver) field.driver.value = usual.driver;
  field.phone.value = usual.phone ?? "";
}

/* Where the hand goes next: what is still to be filled in, else the button. */
const firstEmpty = () => {
  const needed = [field.place, field.driver, ...(field.gross_kg.value ? [] : [field.quantity])];
  return needed.find((row) => !row.value.trim()) ?? $("go");
};

async function weighOne(kind, truck) {
  const { why, stops, load } = await weighTruck(kind, truck, known);
  if (why) {
    $("truck-said").textContent = why;
    $("truck-said").classList.add("bad");
    return;
  }
  if (refuse(stops.map(({ code, message }) => ({ code, ...message })))) return;
  if (load && known) {
    field.truck.value = truck.mark;
    takeUsual(truck);
  } else {
    form.reset();
  }
  await showStep();
  (load && known ? firstEmpty() : field.truck).focus();
}

/* What the form says of the load. */
async function loadOf(truck) {
  const driver = field.driver.value.trim();
  const weighed = await waitingLoad(known);
  const isWeighed = weighed?.mark === truck?.mark;
  const byHand = { tare_kg: Number(field.tare_kg.value), gross_kg: Number(field.gross_kg.value), isByHand: true };
  const own = isWeighed ? { tare_kg: weighed.tare_kg, gross_kg: weighed.gross_kg } : office && byHand.gross_kg ? byHand : {};
  return {
    truck,
    place: known.places.find((row) => row.code === field.place.value),
    quantity: Math.round(Number(field.quantity.value) * 1000),
    driver,
    licence: known.drivers.find((row) => row.name === driver)?.licence ?? "",
    phone: field.phone.value.trim(),
    ...own,
  };
}

/* A load has one key until the office has answered for it, however often it is asked. */
async function keyOf(load) {
  const asked = await kept("asked");
  const about = JSON.stringify([known.lease.number, load.truck?.mark, load.tare_kg, load.gross_kg, load.quantity]);
  if (asked?.about === about) return asked.key;
  const key = crypto.randomUUID();
  await keep("asked", { about, key });
  return key;
}

/* Answers the e-challan; nothing where it was refused, or where no answer came: the same press asks again then. */
async function issueAtOffice(load) {
  const { truck, place, quantity, driver, licence, phone, tare_kg, gross_kg, isByHand } = load;
  const weights = isByHand ? { tare_kg, gross_kg } : {}; // what the scale found the office knows itself
  const names = { truck: truck?.mark ?? "", place: place?.code ?? "", driver, licence, phone };
  const wanted = { lease: known.lease.number, ...names, quantity: gross_kg ? 0 : quantity, ...weights, key: await keyOf(load) };
  const answer = await issueByOffice(wanted, office.token);
  if (answer) await keep("asked", null);
  if (!answer?.ok) {
    refuse(answer?.findings ?? [{ code: "CH-80", word: answer ? "not_issued" : "no_answer" }]);
    return null;
  }
  const row = { state: "taken", line: { text: answer.text }, shown: { ...answer.shown, ghat: known.lease, place } };
  await keep("issued", [...((await kept("issued")) ?? []), row].slice(-KEPT));
  return row;
}

/* The quota is for an outage: while the service answers, an e-challan comes from it. */
async function issueByQuota({ truck, ...load }) {
  const [pack, key, at] = [await kept("pack"), await ownKey(), now()];
  const own = truck?.isUnknown ? null : truck;
  const found = await against(pack, { ...load, truck: own }, { at, setBack: await wasSetBack() });
  if (refuse(found)) return null;
  const until = at + load.place.minutes[truck.kind === "tractor" ? "tractor" : "truck"] * 60_000;
  return issue(pack, { ...load, mark: truck.mark, at, until }, key);
}

async function issueOne(mark) {
  await sync();
  if (!known) {
    refuse([{ code: "CH-80", word: isReached ? "log_in" : "no_quota" }]);
    return;
  }
  const load = await loadOf(meant(mark, known.vehicles));
  const made = await (office ? issueAtOffice(load) : issueByQuota(load));
  if (!made) return;
  refuse([]);
  await forget();
  form.reset();
  await show();
  printSlip(made);
  field.truck.focus();
  await sync();
}

let doing = null;

async function takeForm(event) {
  event.preventDefault();
  if (doing) return; // one press is one weighment, or one pass
  doing = doStep(event.submitter?.value).finally(() => {
    doing = null;
  });
  await doing;
}

async function doStep(wanted) {
  const { truck, step } = await showStep();
  const next = wanted === "tare" ? "tare" : step;
  if (next !== "issue") return weighOne(next, truck ?? { mark: "", stops: [], usual: {} });
  const empty = [field.truck, field.place, field.driver].find((row) => !row.value.trim());
  if (truck && document.activeElement === field.truck && empty) {
    takeUsual(truck);
    return firstEmpty().focus();
  }
  return issueOne(truck?.mark ?? "");
}

async function enrol(event) {
  event.preventDefault();
  const { lease, device } = $("enrol").elements;
  const answer = await handIn(lease.value, device.value, office.token);
  $("enrol-said").textContent = answer.ok ? "" : (answer.findings?.[0]?.message ?? words.not_taken);
  await sync();
}

async function show() {
  const [standing, key, pack] = await Promise.all([kept("standing"), ownKey(), kept("pack")]);
  const own = standing?.state === "approved" ? pack : null;
  known = office?.yard ?? (isReached ? null : own) ?? null;
  showOffice(standing, key);
  await showPack(own);
  await showKnown();
  await showBook();
}

async function sync() {
  const answer = await work();
  isReached = Boolean(answer);
  office = answer?.token ? answer : null;
  await show();
}

async function install() {
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register(document.body.dataset.worker, { scope: "/gate/app/" });
  await navigator.serviceWorker.ready;
  document.body.dataset.installed = "";
}

async function takeTruck() {
  const { truck } = await showStep();
  if (truck) takeUsual(truck);
}

async function chooseLease() {
  await keep("lease", $("lease").value);
  await sync();
}

/* Escape puts the truck aside: its weights stay in the book of the scale. */
async function putAside(event) {
  if (event.key !== "Escape") return;
  await forget();
  form.reset();
  refuse([]);
  await showStep();
  field.truck.focus();
}

form.addEventListener("submit", takeForm);
document.addEventListener("keydown", putAside);
field.truck.addEventListener("input", () => doing ?? showStep());
field.truck.addEventListener("change", takeTruck);
$("lease").addEventListener("change", chooseLease);
$("enrol").addEventListener("submit", enrol);
$("send").addEventListener("click", sync);
addEventListener("online", sync);
addEventListener("offline", sync);
setInterval(() => doing ?? sync(), EVERY_MS);
await loadCourse();
await start({ words: words.scale, declared: words.formats, changed: () => showKnown() });
await show();
document.body.dataset.ready = "";
await sync();
if (!form.hidden) field.truck.focus();
install().catch(() => {}); // without a worker the page works as long as it stands open
navigator.storage?.persist?.();
