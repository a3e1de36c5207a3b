/* The gate's own key: Ed25519 by the browser, not to be taken out; where it lacks that, by @noble/ed25519. */
import { getPublicKeyAsync, signAsync, utils } from "../../vendor/pass/ed25519.js";
import { hex } from "../pass/signed.js";
import { keep, kept } from "./store.js";

const ED25519 = { name: "Ed25519" };
const KID_BYTES = 8;

export const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

export const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

async function made() {
  try {
    const pair = await crypto.subtle.generateKey(ED25519, false, ["sign", "verify"]);
    const open = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
    return { secret: pair.privateKey, open };
  } catch {
    const secret = utils.randomSecretKey();
    return { secret, open: await getPublicKeyAsync(secret) };
  }
}

/** The key of this device, or null where it has none yet. */
export async function ownKey() {
  const row = await kept("key");
  if (!row) return null;
  const sign = async (bytes) =>
    row.secret instanceof CryptoKey
      ? new Uint8Array(await crypto.subtle.sign(ED25519, row.secret, bytes))
      : signAsync(bytes, row.secret);
  return { kid: row.kid, open: row.open, public: base64url(row.open), sign };
}

/** Make the key of this device; one that is there stays. */
export async function makeKey() {
  if (!(await kept("key"))) {
    const { secret, open } = await made();
    const kid = hex((await sha256(open)).slice(0, KID_BYTES));
    await keep("key", { secret, open, kid });
  }
  return ownKey();
}

/** What device and office compare. */
export const codeOf = (kid) => `${kid.slice(0, 4)}-${kid.slice(4, 8)}`.toUpperCase();
