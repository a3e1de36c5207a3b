/* What an indicator sends, as weights: the same declarations as the agent's, by a parser of its own. */

const GRAMS = { g: [1n, 1n], kg: [1000n, 1n], t: [1000000n, 1n], lb: [45359237n, 100000n] };
const TOLEDO_PLACES = [-2, -1, 0, 1, 2, 3, 4, 5];
const LONGEST = 64;
const LONGEST_REST = 200;

export function wholeKg(grams) {
  const whole = Math.floor((Math.abs(grams) + 500) / 1000);
  return grams < 0 && whole ? -whole : whole;
}

/* The shown number in grams, halves away from zero; null where it is no number. */
export function inGrams(number, unit, places = 0) {
  const text = number.replaceAll(" ", "");
  if (!/^[+-]?[0-9]*(\.[0-9]*)?$/.test(text) || !/[0-9]/.test(text)) {
    return null;
  }
  const [whole, decimals = ""] = text.replace(/^[+-]/, "").split(".");
  const implied = places + decimals.length;
  const [times, parts] = GRAMS[unit];
  const top = BigInt(whole + decimals) * times * 10n ** BigInt(Math.max(0, -implied));
  const bottom = parts * 10n ** BigInt(Math.max(0, implied));
  const grams = Number((2n * top + bottom) / (2n * bottom));
  return text.startsWith("-") && grams ? -grams : grams;
}

function checkFits(kind, frame, check) {
  const codes = [...frame].map((letter) => letter.charCodeAt(0));
  if (kind === "xor") {
    const total = codes.slice(1, -3).reduce((sum, code) => sum ^ code, 0);
    return total.toString(16).toUpperCase().padStart(2, "0") === check;
  }
  return (codes.reduce((sum, code) => sum + code, 0) & 0x7f) === 0;
}

function toledo(words) {
  const [first, second] = [words.charCodeAt(0), words.charCodeAt(1)];
  return {
    places: TOLEDO_PLACES[first & 7],
    negative: Boolean(second & 2),
    unit: second & 16 ? "kg" : "lb",
    state: second & 4 ? "over" : second & 8 ? "moving" : "stable",
    mode: second & 1 ? "net" : "gross",
  };
}

function stateOf(form, groups) {
  return groups.state === undefined ? null : (form.states || {})[groups.state] || form.else || null;
}

function told(form, groups) {
  if (form.words === "toledo") {
    return toledo(groups.words);
  }
  const letter = groups.mode || groups.state;
  return {
    places: Number(groups.places || form.places || 0),
    negative: groups.sign === "-",
    unit: (groups.unit || form.unit || "kg").trim().toLowerCase() || "g",
    state: stateOf(form, groups),
    mode: (form.modes || {})[letter] || "",
  };
}

/* The frame that a match is; null where its check fails. */
function readMatch(form, match) {
  const groups = match.groups;
  if (form.check && !checkFits(form.check, match[0], groups.check)) {
    return null;
  }
  const { places, negative, unit, state, mode } = told(form, groups);
  const number = form.reversed ? [...groups.number].reverse().join("") : groups.number;
  let status = ["over", "under", "error"].includes(state) ? state : "ok";
  let grams = status === "ok" ? inGrams(number, GRAMS[unit] ? unit : "kg", places) : null;
  if (status === "ok" && grams === null) {
    status = "error";
  }
  if (grams && negative) {
    grams = -grams;
  }
  const stable = { stable: true, moving: false }[state] ?? null;
  const kg = grams === null ? null : wholeKg(grams);
  return { format: form.name, grams, kg, stable, status, mode, raw: match[0] };
}

export const latin = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");

/* Cuts a stream of one format into frames, however it is split. */
export class Cutter {
  constructor(form) {
    this.form = form;
    this.pattern = new RegExp(form.pattern, "g");
    this.rest = "";
  }

  feed(bytes) {
    const text = this.rest + latin(bytes);
    const frames = [];
    let start = 0;
    this.pattern.lastIndex = 0;
    for (let match = this.pattern.exec(text); match; match = this.pattern.exec(text)) {
      const frame = readMatch(this.form, match);
      if (frame === null) {
        this.pattern.lastIndex = match.index + 1;
        continue;
      }
      frames.push(frame);
      start = this.pattern.lastIndex;
    }
    this.rest = text.slice(Math.max(start, text.length - LONGEST));
    return frames;
  }
}

export const cut = (form, bytes) => new Cutter(form).feed(bytes);

/* The format that explains most of the bytes by at least two frames. */
export function bestFormat(bytes, forms) {
  let best = null;
  let most = 0;
  for (const form of forms) {
    const frames = cut(form, bytes);
    const covered = frames.filter((frame) => frame.status !== "error").reduce((sum, frame) => sum + frame.raw.length, 0);
    if (frames.length > 1 && covered > most && covered * 2 > bytes.length) {
      [best, most] = [form, covered];
    }
  }
  return best;
}

/* Rest by flag or by equal readings above the zero band; free once zero was seen since the last weighment. */
export class Scale {
  constructor(divisionKg, steady) {
    this.steady = steady;
    this.zeroKg = Math.max(1, divisionKg) * steady.zero_divisions;
    this.free = false;
    this.window = [];
    this.flagged = [];
    this.last = null;
  }

  feed(frame, atMs) {
    const { kg, raw, format } = frame;
    if (kg === null) {
      [this.window, this.flagged] = [[], []];
      this.last = { kg, stable: false, zero: false, minKg: 0, maxKg: 0, raw, format };
      return this.last;
    }
    this.window = [...this.window.filter((row) => atMs - row[0] <= this.steady.window_ms), [atMs, kg]];
    const shown = this.window.map((row) => row[1]);
    const equal = shown.slice(-this.steady.equal);
    const still = frame.stable ?? (equal.length === this.steady.equal && equal.every((row) => row === kg));
    const zero = Math.abs(kg) <= this.zeroKg;
    this.free = this.free || (zero && still);
    if (this.last && this.last.zero !== zero) {
      this.flagged = []; // something came on or went: another rest
    }
    this.flagged = frame.stable ? [...this.flagged.slice(-LONGEST_REST), kg] : [];
    const rest = still ? (frame.stable ? this.flagged : [kg]) : shown;
    const [minKg, maxKg] = [Math.min(...rest), Math.max(...rest)];
    this.last = { kg, stable: still && !zero, zero: zero && still, minKg, maxKg, raw, format };
    return this.last;
  }
}
