/* The gate's installed page: with a line it takes the department's data, without one it issues from its quota. */
import { headOf, issue } from "./book.js";
import { against, againstAny, againstTruck } from "./checks.js";
import { loadCourse, now, wasSetBack } from "./clock.js";
import { codeOf, ownKey } from "./key.js";
import { handIn, work } from "./line.js";
import { fillSlip } from "./slip.js";
import { bookOf, kept } from "./store.js";
import { filled, lang, said, shownTime, words } from "./words.js";

const EVERY_MS = 20_000;
const $ = (id) => document.getElementById(id);
const form = $("issue");
let office = null; // what it said to who is signed in
let isReached = false;

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
  const select = $("enrol").elements.lease;
  if (office && !select.options.length) select.append(...office.leases.map((row) => option(row.number, row.name)));
}

async function showPack(pack) {
  form.hidden = $("quota").hidden = !pack;
  if (!pack) return;
  const { used } = await headOf(pack);
  const most = pack.quota.last - pack.quota.first + 1;
  $("left").textContent = filled(words.left, { left: most - used, most });
  $("left").dataset.left = most - used;
  $("held").textContent = filled(words.held, { at: shownTime(Date.parse(pack.made_at)), until: shownTime(Date.parse(pack.until)) });
  const found = await againstAny(pack, now(), await wasSetBack());
  $("stops").replaceChildren(...found.map((row) => item(`${said(row)} (${row.code})`)));
  await showTrucks(pack);
}

async function showTrucks(pack) {
  const [book, at, select] = [await bookOf(), now(), form.elements.truck];
  const rows = pack.vehicles.map((truck) => [truck, againstTruck(truck, book, at)]);
  const before = select.value;
  select.replaceChildren(option("", words.choose), ...rows.filter(([, found]) => !found.length).map(([truck]) => option(truck.mark, truck.mark)));
  select.value = [...select.options].some((row) => row.value === before) ? before : "";
  const stopped = rows.filter(([, found]) => found.length);
  $("stopped").hidden = !stopped.length;
  $("stopped-trucks").replaceChildren(...stopped.map(([truck, found]) => item(`${truck.mark}: ${found.map(said).join(" ")}`)));
  if (!form.elements.place.options.length) {
    const places = pack.places.map((place) => option(place.code, `${place[lang]} · ${Math.round(place.metres / 1000)} km`));
    form.elements.place.append(option("", words.choose), ...places);
    $("drivers").replaceChildren(...pack.drivers.map((row) => option(row.name, row.licence)));
  }
}

async function showBook() {
  const rows = (await bookOf()).slice(-60).reverse();
  const waiting = rows.filter((row) => row.state === "waiting").length;
  $("waiting").textContent = filled(words.waiting, { count: waiting });
  $("waiting").dataset.waiting = waiting;
  $("book").replaceChildren(...rows.map(lineOf));
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

/** A truck brings its usual load with it. */
async function takeUsual() {
  const truck = (await kept("pack")).vehicles.find((row) => row.mark === form.elements.truck.value);
  if (!truck) return;
  form.elements.quantity.value = truck.most / 1000;
  if (truck.usual.place) form.elements.place.value = truck.usual.place;
  if (truck.usual.driver) form.elements.driver.value = truck.usual.driver;
  form.elements.phone.value = truck.usual.phone ?? "";
}

function loadOf(pack) {
  const sent = form.elements;
  const driver = sent.driver.value.trim();
  return {
    truck: pack.vehicles.find((row) => row.mark === sent.truck.value),
    place: pack.places.find((row) => row.code === sent.place.value),
    quantity: Math.round(Number(sent.quantity.value) * 1000),
    driver,
    licence: pack.drivers.find((row) => row.name === driver)?.licence ?? "",
    phone: sent.phone.value.trim(),
  };
}

/** The quota is for an outage: while the service answers, an e-challan comes from it. */
async function issueOne() {
  await sync();
  const [pack, key, at] = [await kept("pack"), await ownKey(), now()];
  const load = loadOf(pack);
  const answers = isReached ? [{ code: "CH-80", word: "answers" }] : [];
  const found = [...answers, ...(await against(pack, load, { at, setBack: await wasSetBack() }))];
  $("refused").hidden = !found.length;
  $("reasons").replaceChildren(...found.map((row) => item(`${said(row)} (${row.code})`)));
  if (found.length) return $("refused").querySelector("h2").focus();
  const { truck, ...rest } = load;
  const until = at + load.place.minutes[truck.kind === "tractor" ? "tractor" : "truck"] * 60_000;
  const row = await issue(pack, { ...rest, mark: truck.mark, at, until }, key);
  form.reset();
  await show();
  printSlip(row);
  return sync();
}

let issuing = null;

async function takeForm(event) {
  event.preventDefault();
  if (issuing) return; // one press is one pass
  issuing = issueOne().finally(() => {
    issuing = null;
  });
  await issuing;
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
  showOffice(standing, key);
  await showPack(standing?.state === "approved" ? pack : null);
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

form.addEventListener("submit", takeForm);
form.elements.truck.addEventListener("change", takeUsual);
$("enrol").addEventListener("submit", enrol);
$("send").addEventListener("click", sync);
addEventListener("online", sync);
addEventListener("offline", sync);
setInterval(sync, EVERY_MS);
await loadCourse();
await show();
document.body.dataset.ready = "";
await sync();
install().catch(() => {}); // without a worker the page works as long as it stands open
navigator.storage?.persist?.();
