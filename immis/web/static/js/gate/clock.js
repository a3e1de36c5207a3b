/* The device's clock; where an installation runs by a clock of its own (a demonstration), the office's course of it. */
import { keep, kept } from "./store.js";

const TOLERANCE_MS = 60_000;
let course = null;

export async function loadCourse() {
  course = (await kept("course")) ?? null;
}

/** What the office says of the time while there is a line: a clock that was wrong may be right again. */
export async function heardTime(said) {
  course = said.course ? { ...said.course, at: Date.now() } : null;
  await keep("course", course);
  await keep("high", now());
}

export function now() {
  return course ? course.shown + (Date.now() - course.at) * course.rate : Date.now();
}

/** Whether the clock stands before an instant that this device has seen already; it is remembered how far it came. */
export async function wasSetBack() {
  const high = (await kept("high")) ?? 0;
  const at = now();
  if (at < high - TOLERANCE_MS) return true;
  if (at > high) await keep("high", at);
  return false;
}
