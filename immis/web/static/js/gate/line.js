/* The line to the office: the data for an outage comes, the book goes, in order and each line until it is there. */
import { canonical, knownLists, renewLists } from "../pass/lists.js";
import { bytesOfBase64, isSigned } from "../pass/signed.js";
import { heardTime, now } from "./clock.js";
import { base64url, makeKey, ownKey } from "./key.js";
import { bookOf, keep, kept, putLine } from "./store.js";

const ADDRESS = document.body.dataset.line;
const AT_ONCE = 50;
const FRESH_MS = 600_000;
const PATIENCE_MS = 4000;
let going = null;

const headers = (token) => ({ "content-type": "application/json", accept: "application/json", "x-csrftoken": token });

/** Who is signed in (a name, or none), and how the key of this device stands; null where the service answers oddly. */
export async function askOffice() {
  const key = await ownKey();
  const own = key ? { kid: key.kid, pack: (await wantsPack()) ? "1" : "" } : {};
  const asked = new URLSearchParams({ yard: (await kept("lease")) ?? "", ...own });
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const answer = await fetch(`${ADDRESS}?${asked}`, { headers: { accept: "application/json" }, signal: patience });
  if (answer.status >= 500) throw new Error(String(answer.status));
  if (!answer.ok) return null;
  const said = await answer.json();
  if (!said.token) return said; // nobody is signed in at this device
  await heardTime(said);
  await keep("person", { name: said.name, leases: said.leases });
  if (said.key) await keep("standing", said.key);
  if (said.pack) await takePack(said.pack);
  return said;
}

async function wantsPack() {
  const pack = await kept("pack");
  return !pack || now() - Date.parse(pack.made_at) > FRESH_MS || (await kept("standing"))?.quota !== pack.quota.number;
}

/** The department's signature, by a key of its list, before any of it counts. */
async function takePack(pack) {
  await renewLists();
  const lists = await knownLists();
  const { signature, ...body } = pack;
  const signer = lists?.keys.keys.get(body.signed_by);
  if (!signer || signer.gate || body.kind !== "immis.gate-pack" || body.version !== 1) return;
  const bytes = new TextEncoder().encode(canonical(body));
  if (await isSigned(bytesOfBase64(signature), bytes, signer.x)) await keep("pack", pack);
}

/** Hand the key of this device in, with a proof that its other half is here. Answers what the office says. */
export async function handIn(lease, device, token) {
  const key = await makeKey();
  const proof = await key.sign(new TextEncoder().encode(`immis.gate-key:${lease}:${key.public}`));
  const body = JSON.stringify({ do: "ask", lease, device, public: key.public, proof: base64url(proof) });
  const answer = await fetch(ADDRESS, { method: "POST", headers: headers(token), body });
  return { ok: answer.ok, ...(await answer.json().catch(() => ({}))) };
}

/** Have the department issue the e-challan of a load; the same ``key`` again answers the same one. Null without a line. */
export async function issueByOffice(load, token) {
  const body = JSON.stringify({ do: "issue", ...load });
  try {
    const answer = await fetch(ADDRESS, { method: "POST", headers: headers(token), body });
    return answer.status < 500 ? { ok: answer.ok, ...(await answer.json().catch(() => ({}))) } : null;
  } catch {
    return null;
  }
}

async function sendSome(token) {
  const rows = (await bookOf()).filter((row) => row.state === "waiting").slice(0, AT_ONCE);
  if (!rows.length) return false;
  const body = JSON.stringify({ do: "send", now: Math.floor(now()), lines: rows.map((row) => row.line) });
  const answer = await fetch(ADDRESS, { method: "POST", headers: headers(token), body });
  if (!answer.ok) return false;
  const { kept: said, words } = await answer.json();
  let moved = 0;
  for (const row of rows) {
    if (!(row.digest in said)) continue;
    await putLine({ ...row, state: said[row.digest], codes: words[row.digest] ?? "" });
    moved += 1;
  }
  return moved > 0;
}

/** Ask, take, send, as far as there is a line. Answers what the office said, or null. */
export function work() {
  going ??= (async () => {
    try {
      const said = await askOffice();
      while (said?.token && (await sendSome(said.token)));
      return said;
    } catch {
      return null; // no line: all of it waits
    } finally {
      going = null;
    }
  })();
  return going;
}
