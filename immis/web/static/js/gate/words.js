/* The words of the gate's page, in its language, as they came with it. */
export const words = JSON.parse(document.getElementById("words").textContent);
export const lang = document.documentElement.lang;

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

/** A finding in words: the department's own, or one of this page's. */
export const said = (finding) => finding[lang] ?? filled(words[finding.word], finding);
