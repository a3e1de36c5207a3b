/* Learn mode: the operator types the number that an unknown indicator shows, and the frame is found by it. It answers
   what the agent's learn mode answers (immis/agent/scale/learn.py), by a program of its own and the same vectors. */
import { cut } from "./frames.js";

const ENDS = ["\x03", "\r\n", "\r", "\n"]; // the more particular first
const LEAST = 3;

/** Why nothing could be learned: "few" frames, or the "number" is not in them. */
export class NotLearned extends Error {}

const longer = (best, pieces) => (pieces.length > best.length ? pieces : best);
const inner = (text, mark) => text.split(mark).slice(1, -1);

function usual(pieces) {
  const whole = pieces.filter((piece) => piece.length > LEAST);
  const times = new Map();
  whole.forEach((piece) => times.set(piece.length, (times.get(piece.length) ?? 0) + 1));
  const [length, most] = [...times].reduce((best, row) => (row[1] > best[1] ? row : best), [0, 0]);
  return most * 2 > whole.length ? whole.filter((piece) => piece.length === length) : [];
}

/* The stream's frames of its usual length; the first and last piece may be cut off and do not count. */
function split(data) {
  let best = [];
  for (const mark of ENDS) {
    best = longer(best, usual(inner(data, mark).filter(Boolean).map((piece) => piece + mark)));
  }
  if (best.length < LEAST) {
    const marks = [...new Set(data)].filter((sign) => !" .+-0123456789".includes(sign)).sort();
    for (const start of marks) {
      best = longer(best, usual(inner(data, start).map((piece) => start + piece)));
    }
  }
  return best;
}

const withoutZeros = (text) => text.replace(/^0+/, "");

/* Decimals that the field leaves out where it shows the number; null where it does not show it. */
function placesOf(field, shown) {
  const plain = field.replaceAll(" ", "");
  const wanted = shown.replace(/^[+-]+/, "");
  if (field.replace(/^ +/, "").includes(" ") || plain.split(".").length > 2 || !/[0-9]/.test(plain)) {
    return null;
  }
  if (plain.includes(".")) {
    const isNumber = /^[0-9]*\.?[0-9]*$/.test(wanted) && /[0-9]/.test(wanted);
    return isNumber && Number(plain) === Number(wanted) && !plain.endsWith(".") ? 0 : null;
  }
  const decimals = (wanted.split(".")[1] ?? "").length;
  return withoutZeros(plain) === withoutZeros(wanted.replaceAll(".", "")) ? decimals : null;
}

const turned = (text) => [...text].reverse().join("");

/* Where the shown number may stand: its digits, with nothing but zeros and blanks left of them in their run. */
function fieldsOf(frame, shown) {
  const rows = [];
  for (const backwards of [false, true]) {
    const line = backwards ? turned(frame) : frame;
    for (const run of line.matchAll(/[ 0-9.]{2,}/g)) {
      const ends = run.index + run[0].length;
      for (let first = run.index; first < ends; first += 1) {
        for (let end = first + 1; end <= ends; end += 1) {
          const places = placesOf(line.slice(first, end), shown);
          if (places !== null) {
            const [start, stop] = backwards ? [line.length - end, line.length - first] : [first, end];
            rows.push({ start, end: stop, places, backwards });
          }
        }
      }
    }
  }
  return rows;
}

const nameOf = (field) => Object.values(field).join();

/* The field that fits all frames of all samples; of several the longest, of equals the first. */
function commonField(samples) {
  let rows = null;
  for (const { frames, shown } of samples) {
    for (const frame of frames) {
      const names = new Map(fieldsOf(frame, shown).map((row) => [nameOf(row), row]));
      rows = rows ? rows.filter((row) => names.has(nameOf(row))) : [...names.values()];
    }
  }
  const before = (a, b) => a.backwards - b.backwards || b.end - b.start - (a.end - a.start) || a.start - b.start;
  return [...(rows ?? [])].sort(before)[0] ?? null;
}

/* The place of the sign beside the number. */
function signAt(frames, field) {
  const at = field.backwards ? field.end : field.start - 1;
  return at >= 0 && at < frames[0].length && frames.every((frame) => "+- ".includes(frame[at])) ? at : null;
}

/* The byte that is one thing at rest and mostly another while the number runs. */
function stateAt(still, moving, taken) {
  for (let at = 0; at < still[0].length; at += 1) {
    const rest = new Set(still.map((frame) => frame[at]));
    const runs = moving.map((frame) => frame[at]).filter((sign) => !rest.has(sign));
    if (!taken(at) && rest.size === 1 && runs.length * 2 > moving.length && new Set(runs).size <= 2) {
      return { at, states: { [[...rest][0]]: "stable" } };
    }
  }
  return null;
}

const escaped = (sign) => `\\x${sign.charCodeAt(0).toString(16).padStart(2, "0")}`;

/* Bytes that never change are written out, others stand for any. */
function patternOf(frames, field, sign, state) {
  const [parts, length] = [[], frames[0].length];
  for (let at = 0; at < length; at += 1) {
    const own = frames[0][at];
    const same = frames.every((frame) => frame[at] === own);
    if (at === field.start) {
      parts.push(`(?<number>[ 0-9.+-]{${field.end - field.start}})`);
      at = field.end - 1;
    } else if (at === sign) {
      parts.push("(?<sign>[+ -])");
    } else if (at === state) {
      parts.push("(?<state>[\\s\\S])");
    } else if (same && ([0, length - 1, length - 2].includes(at) || !/[\p{L}\p{N}]/u.test(own))) {
      parts.push(escaped(own));
    } else {
      parts.push("[\\s\\S]");
    }
  }
  return parts.join("");
}

const bytesOf = (text) => Uint8Array.from(text, (sign) => sign.charCodeAt(0));

/* The format of an unknown indicator from at least one sample at rest (``shown`` empty: the number was running). */
export function learn(samples, unit = "kg") {
  const rows = samples.map(({ data, shown }) => ({ frames: split(data), shown: shown.trim() }));
  const still = rows.filter((row) => row.shown);
  const frames = usual(still.flatMap((row) => row.frames));
  if (frames.length < LEAST) {
    throw new NotLearned("few");
  }
  const fits = (frame) => frame.length === frames[0].length;
  const field = commonField(still.map((row) => ({ ...row, frames: row.frames.filter(fits) })));
  if (!field) {
    throw new NotLearned("number");
  }
  const moving = rows.filter((row) => !row.shown).flatMap((row) => row.frames.filter(fits));
  const all = [...frames, ...moving];
  const sign = signAt(all, field);
  const [from, to] = [field.start - (sign === field.start - 1 ? 1 : 0), field.end + (sign === field.end ? 1 : 0)];
  const found = moving.length ? stateAt(frames, moving, (at) => at >= from && at < to) : null;
  const form = { name: "learned", title: "", source: "learned at the bridge", unit };
  form.pattern = patternOf(all, field, sign, found?.at ?? null);
  Object.assign(form, { places: field.places, reversed: field.backwards });
  if (found) {
    Object.assign(form, { states: found.states, else: "moving" });
  }
  if (!cut(form, bytesOf(frames[0] + frames[0])).length) {
    throw new NotLearned("number");
  }
  return form;
}
