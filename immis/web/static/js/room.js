/* The auction room, live: the server's clock counts down, news come as events, and every few seconds by asking
   where events do not come through. Figures and buttons change together, and a button that has just changed
   waits a moment, so that nobody presses an amount that they have not read. */

const group = new Intl.NumberFormat("en-IN", { maximumFractionDigits: 0 });
const rupees = (amount) => (amount === null ? "—" : `₹\u00a0${group.format(amount)}`);
const POLL_MS = 4000;
const STILL_MS = 700;
const SILENT_MS = 25000;

/* ---- the server's clock ---------------------------------------------------------------------------------- */

const clock = { base: 0, read: 0, rate: 1 };

function setClock(now, rate) {
  clock.base = Date.parse(now);
  clock.read = performance.now();
  clock.rate = rate || 1;
}

const serverNow = () => clock.base + (performance.now() - clock.read) * clock.rate;

function asTime(milliseconds, wordDays) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const two = (n) => String(n).padStart(2, "0");
  const days = Math.floor(seconds / 86400);
  if (days > 0) return `${days}\u00a0${wordDays} ${two(Math.floor((seconds % 86400) / 3600))}:${two(Math.floor((seconds % 3600) / 60))}`;
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
}

/* ---- news: events first, asking where they fail ---------------------------------------------------------- */

function follow(codes, onLot, onState) {
  let heard = performance.now();
  let live = false;
  const source = new EventSource(`/events/lots?codes=${codes}`);
  source.addEventListener("clock", (event) => {
    const { now, rate } = JSON.parse(event.data);
    setClock(now, rate);
    heard = performance.now();
    live = true;
    onState("live");
  });
  source.addEventListener("lot", (event) => {
    heard = performance.now();
    onLot(JSON.parse(event.data));
  });
  source.onerror = () => (live = false);
  return () => live && performance.now() - heard < SILENT_MS;
}

/* ---- one room -------------------------------------------------------------------------------------------- */

function openRoom(room) {
  const data = room.dataset;
  const at = (id) => document.getElementById(id);
  const form = at("bid-form");
  const state = { seq: Number(data.seq), phase: data.phase, ends: Date.parse(data.ends), opens: Date.parse(data.opens) };
  const words = (lot) => lot.highest_words?.[data.lang] ?? "";
  setClock(data.now, Number(data.rate));
  showDrift();

  function showDrift() {
    if (data.simulated === "True") return; // a played season has a clock of its own
    const drift = Math.round((Date.now() - serverNow()) / 1000);
    at("drift").textContent = Math.abs(drift) >= 2 ? `${data.wordDrift} ${Math.abs(drift)} ${data.wordSeconds}` : "";
  }

  function connection(kind) {
    const said = { live: `● ${data.wordLive}`, poll: data.wordPoll, lost: `■ ${data.wordLost}` };
    at("connection").textContent = said[kind];
  }

  function showLot(lot) {
    if (lot.code !== data.code || lot.seq < state.seq) return;
    if (lot.phase !== state.phase) return location.reload();
    const changed = lot.seq > state.seq;
    const moved = Date.parse(lot.ends_at) !== state.ends || Date.parse(lot.opens_at) !== state.opens;
    Object.assign(state, { seq: lot.seq, ends: Date.parse(lot.ends_at), opens: Date.parse(lot.opens_at) });
    if (moved && !lot.extended) return location.reload(); // a corrigendum: read it whole
    at("highest").textContent = rupees(lot.highest_rupees);
    if (lot.highest_rupees) at("highest-words").textContent = words(lot);
    if (lot.extended && data.extended === undefined) {
      data.extended = "1";
      at("phase").firstElementChild.textContent = `◷ ${data.wordExtended}`;
      at("ends").textContent = timeOfDay(lot.ends_at);
    }
    if (changed) {
      offer(lot);
      setTimeout(ask, data.bidder ? 0 : Math.random() * 1500);
    }
  }

  function timeOfDay(instant) {
    return new Date(instant).toLocaleTimeString("en-GB", { timeZone: "Asia/Kolkata" });
  }

  /* The step buttons: amounts and what they count from change in one go, then stand still for a moment. */
  function offer(lot) {
    if (!form) return;
    form.expected.value = lot.highest_rupees ?? 0;
    const buttons = [...form.querySelectorAll("button[name=steps]")];
    const items = [...at("words").children];
    buttons.forEach((button, index) => {
      const [steps, amount] = lot.next_amounts[index] ?? [null, null];
      button.hidden = items[index].hidden = steps === null;
      if (steps === null) return;
      button.value = steps;
      if (steps) button.firstElementChild.textContent = `+${steps}`;
      button.lastElementChild.textContent = rupees(amount);
      items[index].firstElementChild.textContent = button.firstElementChild.textContent;
      items[index].lastElementChild.textContent = lot.next_words[data.lang][index];
      button.disabled = true;
    });
    setTimeout(release, STILL_MS);
  }

  function release() {
    if (!form || state.phase !== "running" || form.dataset.leads === "1" || form.dataset.busy === "1") return;
    form.querySelectorAll("button[name=steps]").forEach((button) => (button.disabled = false));
  }

  function position(mine) {
    if (!mine || !at("leads")) return;
    at("leads").hidden = !mine.leads;
    at("outbid").hidden = mine.leads || mine.own === null;
    if (!form) return;
    form.dataset.leads = mine.leads ? "1" : "0";
    if (mine.leads) form.querySelectorAll("button[name=steps]").forEach((button) => (button.disabled = true));
    else setTimeout(release, STILL_MS);
  }

  function showLog(rows) {
    if (!rows.length) return;
    at("log").replaceChildren(
      ...rows.map((row) => {
        const line = document.createElement("tr");
        const cells = [row.number, row.time, row.kind === "extended" ? `◷ ${data.wordUntil} ${row.ends}` : row.word ? `◷ ${row.word}` : rupees(row.amount)];
        cells.forEach((text, index) => {
          const cell = line.insertCell();
          cell.textContent = text;
          if (index !== 1) cell.className = "num";
        });
        if (row.own) {
          const own = document.createElement("span");
          own.className = "sub";
          own.textContent = data.wordOwn;
          line.lastElementChild.append(own);
        }
        return line;
      }),
    );
  }

  async function ask() {
    const answer = await fetch(data.stateUrl, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.status);
    const lot = await answer.json();
    setClock(lot.now, lot.rate);
    showDrift();
    showLot(lot);
    showLog(lot.log);
    position(lot.position);
  }

  async function send(event) {
    event.preventDefault();
    const button = event.submitter;
    if (!button || form.dataset.busy === "1") return;
    form.dataset.busy = "1";
    const body = new FormData(form, button);
    form.querySelectorAll("button[name=steps]").forEach((one) => (one.disabled = true));
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
      if (!answer.headers.get("Content-Type")?.includes("json")) throw new Error(answer.status);
      const said = await answer.json();
      if (said.confirm) return askAgain(button.value);
      tell(said);
      if (said.key) form.key.value = said.key;
      await ask();
    } catch {
      at("answer").textContent = `■ ${data.wordFailed}`;
    } finally {
      form.dataset.busy = "0";
      setTimeout(release, STILL_MS);
    }
  }

  function askAgain(steps) {
    const chosen = document.createElement("input");
    Object.assign(chosen, { type: "hidden", name: "steps", value: steps });
    form.append(chosen);
    form.removeEventListener("submit", send);
    form.submit();
  }

  /* Evidence that this device has the room open; a beat that fails is simply missing. */
  function beat() {
    const headers = { "X-CSRFToken": data.token, Accept: "application/json" };
    fetch(data.beat, { method: "POST", headers }).catch(() => {});
  }

  /* The clause of a refusal, as a link to its words. */
  function cited(one) {
    const link = document.createElement("a");
    if (one.url) Object.assign(link, { href: one.url, textContent: one.clause, className: "clause" });
    return link;
  }

  function tell(said) {
    const line = at("answer");
    const reasons = said.findings ?? [];
    line.textContent = said.accepted ? `✓ ${data.wordAccepted}: ${rupees(said.amount)}` : `■ ${data.wordRefused}: `;
    if (!said.accepted) reasons.forEach((one) => line.append(`${one.message} `, cited(one), " "));
    line.className = said.accepted ? "chip good" : "error";
    line.focus();
  }

  form?.addEventListener("submit", send);
  /* Back from the second question the browser may show this page as it was left: amounts and buttons of then. */
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  if (at("leads") && !at("leads").hidden && form) form.dataset.leads = "1";
  const isLive = follow(data.code, showLot, connection);
  if (data.beat) setInterval(beat, Number(data.beatS) * 1000), beat();
  setInterval(() => {
    if (state.phase === "paused") return;
    const goal = state.phase === "upcoming" ? state.opens : state.ends;
    const left = goal - serverNow();
    if (at("left")) at("left").textContent = asTime(left, data.wordDays);
    if (left <= 0 && data.turned === undefined) {
      data.turned = "1";
      setTimeout(() => location.reload(), 600 + Math.random() * 900);
    }
  }, 250);
  setInterval(() => {
    if (isLive()) return;
    ask().then(() => connection("poll"), () => connection("lost"));
  }, POLL_MS);
}

/* ---- the list: highest bids of the running lots ----------------------------------------------------------- */

function openList(list) {
  if (!list.dataset.lots) return;
  follow(
    list.dataset.lots,
    (lot) => {
      const cell = list.querySelector(`[data-lot="${CSS.escape(lot.code)}"] [data-highest]`);
      if (cell && lot.highest_rupees) cell.textContent = rupees(lot.highest_rupees);
    },
    () => {},
  );
}

const room = document.getElementById("room");
if (room) openRoom(room);
const list = document.querySelector("[data-lots]");
if (list) openList(list);
