/* Alarms of vehicles as the gateway tells them: the newest above, each with its time and a way to the vehicle. The
   desk's task and the case follow by themselves a moment later; this only rings. */

const SHOWN = 3;
const DRAWN = { "device.emergency": "error", "device.tamper": "error", "device.power_cut": "warning" };
const place = document.querySelector("[data-alarms]");
const list = place.querySelector("ul");
const time = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Kolkata", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
let newest = 0;

function entry(alarm) {
  const item = document.createElement("li");
  item.className = alarm.grade === "suspect" ? "warning" : DRAWN[alarm.kind] ?? "warning";
  item.dataset.alarm = alarm.seq;
  const word = document.createElement("b");
  word.textContent = place.getAttribute(`data-word-${alarm.kind.replace("device.", "")}`) ?? alarm.kind;
  const whose = document.createElement(alarm.registration ? "a" : "span");
  whose.textContent = alarm.registration || `${place.dataset.wordDevice} ${alarm.imei}`;
  if (alarm.registration) whose.href = place.dataset.vehicle.replace("PLATE", encodeURIComponent(alarm.registration));
  item.append(`${time.format(Date.parse(alarm.at))} · `, word, " · ", whose);
  return item;
}

const source = new EventSource(place.dataset.alarms);
source.addEventListener("alarm", (event) => {
  const alarm = JSON.parse(event.data);
  if (alarm.seq <= newest) return; // after a broken line the last ones come again
  newest = alarm.seq;
  list.prepend(entry(alarm));
  while (list.children.length > SHOWN) list.lastElementChild.remove();
});
