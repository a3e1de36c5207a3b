/* Ed25519: the browser's own where it has it, else @noble/ed25519; tried once. No page, no network. */
import { verifyAsync } from "../../vendor/pass/ed25519.js";

const ED25519 = { name: "Ed25519" };

async function byBrowser(signature, bytes, key) {
  const own = await crypto.subtle.importKey("raw", key, ED25519, false, ["verify"]);
  return crypto.subtle.verify(ED25519, own, signature, bytes);
}

const byScript = (signature, bytes, key) => verifyAsync(signature, bytes, key, { zip215: false });

let way;

async function chosen() {
  try {
    await crypto.subtle.generateKey(ED25519, false, ["sign", "verify"]);
    return byBrowser;
  } catch {
    return byScript;
  }
}

/** Whether a signature is that of a key over bytes; anything odd is no. */
export async function isSigned(signature, bytes, key) {
  way ??= chosen();
  try {
    return signature.length === 64 && (await (await way)(signature, bytes, key));
  } catch {
    return false;
  }
}

export const bytesOfBase64 = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));

export const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
