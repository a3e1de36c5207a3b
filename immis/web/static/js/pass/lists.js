/* The two signed lists, fetched when there is a network, proven before they are kept, and never replaced by older ones. */
import { bytesOfBase64, isSigned } from "./signed.js";
import { keep, kept } from "./store.js";

const KINDS = { keys: "immis.pass-keys", cancelled: "immis.pass-cancelled", changes: "immis.pass-cancelled-changes" };
const VERSION = 1;

/** JSON as the department signs it: names sorted, no blanks. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const pairs = Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
  return `{${pairs.join(",")}}`;
}

async function isProven(list, name, root) {
  const { signature, ...body } = list ?? {};
  if (body.kind !== KINDS[name] || body.version !== VERSION || typeof signature !== "string") return false;
  return isSigned(bytesOfBase64(signature), new TextEncoder().encode(canonical(body)), bytesOfBase64(root));
}

const instant = (text) => Date.parse(text);

/** What a gate's own key may sign: its settlement, its quotas of numbers and days; null for the department's keys. */
const gateOf = (row) =>
  row && {
    lease: row.lease,
    revoked: "revoked_at" in row,
    quotas: row.quotas.map((quota) => ({
      ...quota,
      startsAt: instant(quota.starts_at),
      endsAt: instant(quota.ends_at),
    })),
  };

function opened({ keys, cancelled }) {
  const byId = keys.keys.map((row) => [
    row.kid,
    {
      x: bytesOfBase64(row.x),
      notBefore: instant(row.not_before),
      signsUntil: instant(row.signs_until),
      notAfter: instant(row.not_after),
      gate: gateOf(row.gate ?? null),
    },
  ]);
  return {
    keys: { issuedAt: instant(keys.issued_at), keys: new Map(byId) },
    cancelled: cancelled && {
      issuedAt: instant(cancelled.issued_at),
      passIds: new Set(cancelled.pass_ids),
      revokedKeys: new Set(cancelled.revoked_keys ?? []),
    },
  };
}

/** The cancelled list is signed by the root, or by the listed key that it names where the root lies offline. */
function signerOf(cancelled, keys, root) {
  if (!("signed_by" in (cancelled ?? {}))) return root;
  const key = keys.keys.find((row) => row.kid === cancelled.signed_by);
  const at = instant(cancelled.issued_at);
  return key && instant(key.not_before) <= at && at < instant(key.not_after) ? key.x : "";
}

async function takeIn(name, list, root) {
  const before = await kept(name);
  if (before && instant(before.issued_at) >= instant(list?.issued_at)) return;
  if (await isProven(list, name, root)) await keep(name, list);
}

const fetched = async (name) => (await fetch(`/data/${name}.json`, { cache: "no-cache" })).json();

/** The kept list with what changed since; null where the changes do not start from it, or are not proven. */
async function broughtUp(keys, root) {
  const before = await kept("cancelled");
  if (!before) return null;
  const changes = await fetched("cancelled-changes");
  if (!(await isProven(changes, "changes", signerOf(changes, keys, root)))) return null;
  if (instant(changes.issued_at) <= instant(before.issued_at)) return before;
  const start = changes.steps.findIndex((step) => step.since === before.issued_at);
  if (start < 0) return null;
  const ids = new Set(before.pass_ids);
  for (const { added, removed } of changes.steps.slice(start)) {
    removed.forEach((id) => ids.delete(id));
    added.forEach((id) => ids.add(id));
  }
  const { issued_at, revoked_keys = [] } = changes; // revoked keys are few, and named whole each time
  return ids.size === changes.count ? { issued_at, revoked_keys, pass_ids: [...ids].sort() } : null;
}

async function renewCancelled(keys, root) {
  const list = await broughtUp(keys, root).catch(() => null); // an older department has no changes
  if (list) return keep("cancelled", list);
  const whole = await fetched("cancelled");
  return takeIn("cancelled", whole, signerOf(whole, keys, root));
}

/** Fetch both lists; with no network what is kept stays. Answers whether the department was reached. */
export async function renewLists() {
  try {
    const keys = await fetched("keys");
    const root = (await kept("root")) ?? keys.root; // the first one is trusted, and only it from then on
    if (keys.root !== root || !(await isProven(keys, "keys", root))) return false;
    await keep("root", root);
    await takeIn("keys", keys, root);
    await renewCancelled(keys, root);
    return true;
  } catch {
    return false;
  }
}

/** The lists that are kept, or null where there is no key list yet. */
export async function knownLists() {
  const [keys, cancelled] = await Promise.all([kept("keys"), kept("cancelled")]);
  return keys ? opened({ keys, cancelled }) : null;
}
