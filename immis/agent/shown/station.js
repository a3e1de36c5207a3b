"use strict";
const words = JSON.parse(document.getElementById("words").textContent);
const main = document.getElementById("main");
const said = document.getElementById("said");
let drawn = "";

function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

function say(text, bad) {
  said.textContent = text;
  said.className = bad ? "bad" : "good";
}

async function call(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Station": words.token },
    body: JSON.stringify(body),
  });
  const told = await answer.json();
  if (!answer.ok) {
    say(told.detail ? `${told.words}: ${told.detail}` : told.words, true);
    return null;
  }
  return told;
}

function field(name, label, attributes) {
  return element("label", {}, label, element("input", { name, autocomplete: "off", ...attributes }));
}

function form(id, submit, ...children) {
  const node = element("form", { id }, ...children);
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(Object.fromEntries(new FormData(node)), event.submitter);
  });
  return node;
}

function pairing() {
  main.replaceChildren(
    element("h2", {}, words.pairing),
    form("pairing", async (row) => {
      if (await call("/pair", row)) {
        say(words.paired);
        look();
      }
    }, field("url", words.url, { type: "url", required: "" }),
    field("code", words.code, { inputmode: "numeric", maxlength: "6", required: "" }),
    element("button", {}, words.pair)),
  );
}

async function weigh(row, button) {
  const reading = await call("/weigh", { ...row, kind: button ? button.value : "gross" });
  if (reading) {
    say(`${words.taken}: ${reading.plate} ${reading.weight_kg} ${words.kg}`);
    document.querySelector("#weighing input").value = "";
    document.querySelector("#weighing input").focus();
    look();
  }
}

function working() {
  const units = ["kg", "t", "g"].map((unit) => element("option", {}, unit));
  main.replaceChildren(
    form("weighing", weigh,
      field("plate", words.plate, { list: "trucks", autofocus: "", maxlength: "12" }),
      field("challan", words.challan, { maxlength: "40" }),
      element("datalist", { id: "trucks" }),
      element("button", { value: "gross" }, words.gross),
      element("button", { value: "tare" }, words.tare)),
    element("ul", { id: "unfit" }),
    element("h2", {}, words.latest),
    element("div", { class: "rows" }, element("table", { id: "latest" })),
    element("details", {}, element("summary", {}, words.learning), element("p", {}, words.learn_help),
      form("learning", async (row) => {
        if (await call("/learn", row)) {
          say(words.learned);
        }
      }, field("shown", words.shown, { inputmode: "decimal" }),
      element("label", {}, words.unit, element("select", { name: "unit" }, ...units)),
      element("button", {}, words.learn))),
  );
  document.querySelector("#weighing input").focus();
}

function table(rows) {
  const heads = [words.time, words.plate, words.kind, words.kg, words.sent];
  const lines = rows.map((row) => element("tr", {},
    element("td", {}, row.at.slice(0, 19).replace("T", " ")), element("td", {}, row.plate),
    element("td", {}, words.kinds[row.kind]), element("td", { class: "number" }, String(row.weight_kg)),
    element("td", row.findings.length ? { class: "bad" } : {},
      [row.sent ? words.sent : words.waits, ...row.findings.map((one) => one.message.hi || one.code)].join(" · "))));
  document.getElementById("latest").replaceChildren(
    element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))),
    element("tbody", {}, ...lines.length ? lines : [element("tr", {}, element("td", { colspan: "5" }, words.none))]),
  );
}

function show(state) {
  document.getElementById("bridge").textContent = [words.bridge, state.bridge.number, (state.bridge.name || {}).hi].filter(Boolean).join(" ");
  document.getElementById("weight").textContent = state.kg === null ? "–" : `${state.kg} ${words.kg}`;
  const rest = state.kg === null ? null : state.stable ? words.still : state.zero ? words.empty : words.moving;
  const rows = [
    [words[state.indicator], state.indicator === "alive"],
    rest && [rest, state.stable || state.zero],
    state.paired && [state.online ? words.online : words.offline, state.online],
    state.trouble && [`${words.refused}: ${state.trouble}`, false],
    state.paired && [`${words.queued}: ${state.queued}`, true],
    Math.abs(state.drift_ms || 0) > 5000 && [`${words.drift}: ${Math.round(state.drift_ms / 1000)}`, false],
  ].filter(Boolean);
  document.getElementById("state").replaceChildren(
    ...rows.map(([text, good]) => element("li", { class: good ? "good" : "bad" }, text)));
  const wanted = state.paired ? "working" : "pairing";
  if (drawn !== wanted) {
    drawn = wanted;
    (state.paired ? working : pairing)();
  }
  if (state.paired) {
    document.getElementById("trucks").replaceChildren(
      ...state.trucks.map((truck) => element("option", { value: truck.plate })));
    document.getElementById("unfit").replaceChildren(
      ...state.trucks.filter((truck) => !truck.fit).map((truck) => element("li", { class: "bad" },
        `${truck.plate} ${words.unfit}: ${(truck.words || {}).hi || ""}`)));
    table(state.latest);
  }
}

async function look() {
  try {
    show(await (await fetch("/state", { headers: { "X-Station": words.token } })).json());
  } catch {
    say(words.stale, true);
  }
}

look();
setInterval(look, 1000);
