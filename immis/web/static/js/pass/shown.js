/* Draws what a check found: sign, headline, plate, the three answers; words come with the page, in its language. */
export const words = JSON.parse(document.getElementById("words").textContent);

const MARKS = { good: "✓", warn: "!", bad: "✕" };
const clock = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Asia/Kolkata",
  day: "2-digit",
  month: "2-digit",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

/** 05.06.2026 14:30, in India. */
export function shownTime(ms) {
  const part = Object.fromEntries(clock.formatToParts(ms).map(({ type, value }) => [type, value]));
  return `${part.day}.${part.month}.${part.year} ${part.hour}:${part.minute}`;
}

export const filled = (text, facts) => text.replace(/\{(\w+)\}/g, (_all, name) => facts[name] ?? "");

export function shownAge(hours) {
  const minutes = Math.max(0, Math.round(hours * 60));
  if (minutes < 120) return filled(words.minutes, { count: minutes });
  return minutes < 2880
    ? filled(words.hours, { count: Math.round(minutes / 60) })
    : filled(words.days, { count: Math.round(minutes / 1440) });
}

function genuineAnswer({ genuine }) {
  if (genuine === null) return [words.unknown, "plain"];
  return genuine ? [words.yes, "good"] : [words.no, "bad"];
}

function inTimeAnswer({ inTime, facts }) {
  if (inTime === null) return [words.unknown, "plain"];
  const until = { at: shownTime(facts.validUntil) };
  return inTime ? [filled(words.until, until), "good"] : [filled(words.ended, until), "bad"];
}

function ageAnswer({ listAgeHours, clockBehindHours }) {
  if (listAgeHours === null) return [words.no_list, "warn"];
  if (clockBehindHours) return [words.clock_wrong, "bad"];
  return [shownAge(listAgeHours), listAgeHours > words.old_after_hours ? "warn" : "good"];
}

/** The reason by which a verdict is headed: what stops before what wants a second look. */
function headingOf(found, seen) {
  const good = found.reason === "ok" || found.reason === "issued_offline";
  if (!good && found.reason !== "not_yet_valid") return found.reason;
  if (found.clockBehindHours) return "clock_behind";
  if (good && seen) return "seen_before";
  return found.reason === "ok" && found.cancelled === null ? "no_list" : found.reason;
}

function whatOf(found, reason, seen) {
  if (reason === "seen_before") return filled(words.what.seen_before, { at: shownTime(seen) });
  if (reason === "clock_behind") return filled(words.what.clock_behind, { age: shownAge(found.clockBehindHours) });
  if (reason !== "ok") return words.what[reason] ?? "";
  return "";
}

function setChip(place, [text, state]) {
  const chip = document.querySelector(`template[data-chip="${state}"]`).content.firstElementChild.cloneNode(true);
  chip.append(text);
  place.replaceChildren(chip);
}

/** What a pass carries: cubic metres, or tonnes where the challan of another State counts in them. */
function shownLoad(facts) {
  if (facts.quantityM3 || facts.weight === undefined) {
    const load = filled(words.load, { mineral: facts.mineral, quantity: facts.quantityM3 });
    return facts.byHand ? `${load} · ${filled(words.by_hand, { order: facts.byHand })}` : load;
  }
  return filled(words.load_t, { mineral: facts.mineral, quantity: facts.weight / 1000 });
}

function fillFacts(list, facts) {
  const { number, origin, destination } = facts;
  const rows = {
    number: origin ? filled(words.istp, { number, origin }) : number,
    load: shownLoad(facts),
    source: facts.source,
    destination: origin ? destination : filled(words.way, { place: destination, km: facts.distanceKm }),
    issued: shownTime(facts.issuedAt),
    settlee: facts.settlee,
  };
  for (const [name, value] of Object.entries(rows)) list.querySelector(`[data-fact=${name}]`).textContent = value;
}

/** Heading, plate and sentence anew, as when the plate turns out to be another one. */
export function head(section, state, headline, what = "") {
  section.className = `verdict ${state}`;
  section.querySelector(".sign").textContent = MARKS[state];
  section.querySelector("h1").textContent = headline;
  section.querySelector(".what").textContent = what;
}

/** Show what a check found; `seen` is when this phone saw the same e-challan before, or null. */
export function showVerdict(section, found, seen) {
  const reason = headingOf(found, seen);
  const [state, headline] = words.headlines[reason] ?? ["bad", words.not_genuine];
  head(section, state, headline, whatOf(found, reason, seen));
  section.dataset.reason = reason;
  const plate = section.querySelector(".plate");
  plate.textContent = found.facts?.vehicle ?? "";
  plate.hidden = section.querySelector("[data-compare]").hidden = !found.facts;
  setChip(section.querySelector("[data-answer=genuine]"), genuineAnswer(found));
  setChip(section.querySelector("[data-answer=in_time]"), inTimeAnswer(found));
  setChip(section.querySelector("[data-answer=list]"), ageAnswer(found));
  const facts = document.getElementById("facts");
  facts.hidden = !found.facts;
  if (found.facts) fillFacts(facts, found.facts);
  section.hidden = false;
  section.scrollIntoView();
  section.querySelector("h1").focus();
  return { state, reason };
}
