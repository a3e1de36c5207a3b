/* The gate log: an entry is kept on the device before anything else, then sent once, however often it is tried. */
const form = document.getElementById("gate");
const rows = document.getElementById("gate-rows");
const waiting = document.getElementById("gate-waiting");
const line = document.getElementById("gate-line");
const PLACE = `gate-log:${form.dataset.person}`;
const MOST_SHOWN = 50;
const AGAIN_MS = 15_000;
const words = { kept: form.dataset.wordKept, sent: form.dataset.wordSent, refused: form.dataset.wordRefused };
let sending = false;

const kept = () => JSON.parse(localStorage.getItem(PLACE) ?? "[]");
const keep = (entries) => localStorage.setItem(PLACE, JSON.stringify(entries));

function show() {
  const entries = kept();
  waiting.textContent = String(entries.filter((entry) => entry.state === "kept").length);
  line.textContent = navigator.onLine ? line.dataset.online : line.dataset.offline;
  rows.replaceChildren(...entries.slice(-MOST_SHOWN).reverse().map((entry) => {
    const row = document.createElement("li");
    row.dataset.state = entry.state;
    row.textContent = `${entry.values.passed_at.slice(11)} · ${entry.values.registration} · ${words[entry.state]}${entry.why ? ` · ${entry.why}` : ""}`;
    return row;
  }));
}

/* The minute in India, as the register writes instants, whatever zone the device is set to. */
const indiaNow = () => new Date().toLocaleString("sv-SE", { timeZone: "Asia/Kolkata" }).slice(0, 16).replace(" ", "T");

function note(event) {
  event.preventDefault();
  const values = Object.fromEntries([...new FormData(form)].filter(([name, value]) => name !== "csrfmiddlewaretoken" && value));
  values.registration = values.registration.toUpperCase().replace(/[^A-Z0-9]/g, "");
  if (values.load === "empty") delete values.cover;
  keep([...kept(), { key: crypto.randomUUID(), state: "kept", values: { ...values, passed_at: indiaNow() } }]);
  form.reset();
  form.elements.registration.focus();
  show();
  send();
}

/* What the office says of an entry that it does not take: its message, or the fields that are wrong. */
async function reason(answer) {
  const said = await answer.json().catch(() => ({}));
  return said.message ?? (Object.keys(said.fields ?? {}).join(", ") || String(answer.status));
}

/* What the office refuses stays on the device with its reason; a broken line leaves it waiting. */
async function sendOne(entry) {
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
  const answer = await fetch(form.action, { method: "POST", headers, body: JSON.stringify({ values: entry.values, key: entry.key }) });
  if (answer.status >= 500 || answer.status === 429 || answer.status === 401 || answer.status === 403) throw new Error(String(answer.status));
  const state = answer.ok ? "sent" : "refused";
  const why = answer.ok ? "" : await reason(answer);
  keep(kept().map((row) => (row.key === entry.key ? { ...row, state, why } : row)));
  show();
}

async function send() {
  if (sending || !navigator.onLine) return;
  sending = true;
  try {
    for (const entry of kept().filter((row) => row.state === "kept")) await sendOne(entry);
    const sent = kept().filter((row) => row.state === "sent");
    if (sent.length > MOST_SHOWN) {
      const old = new Set(sent.slice(0, -MOST_SHOWN).map((row) => row.key));
      keep(kept().filter((row) => !old.has(row.key)));
    }
  } catch {
    /* the line broke: the next try sends what waits */
  } finally {
    sending = false;
  }
}

form.addEventListener("submit", note);
addEventListener("online", () => { show(); send(); });
addEventListener("offline", show);
setInterval(send, AGAIN_MS);
navigator.serviceWorker?.register(form.dataset.worker, { scope: new URL(".", location.href).pathname });
show();
send();
