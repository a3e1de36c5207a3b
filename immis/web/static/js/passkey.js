/* Passkeys: the browser makes or uses a key, and what it answers goes with the form. */
const bytesOf = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const textOf = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
const keysOf = (rows) => (rows ?? []).map((row) => ({ ...row, id: bytesOf(row.id) }));

function toMake(options) {
  const user = { ...options.user, id: bytesOf(options.user.id) };
  return { ...options, user, challenge: bytesOf(options.challenge), excludeCredentials: keysOf(options.excludeCredentials) };
}

function toUse(options) {
  return { ...options, challenge: bytesOf(options.challenge), allowCredentials: keysOf(options.allowCredentials) };
}

/* As PublicKeyCredential.toJSON, which older browsers do not have. */
function plain(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = textOf(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return {
    id: credential.id,
    rawId: textOf(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  };
}

async function optionsOf(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const answer = await fetch(form.dataset.ask, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`the options were refused: ${answer.status}`);
  return (await answer.json()).options;
}

async function credentialOf(form) {
  const { publicKey } = await optionsOf(form);
  if (form.dataset.passkey === "use") return navigator.credentials.get({ publicKey: toUse(publicKey) });
  const alone = form.elements.passwordless?.checked;
  publicKey.authenticatorSelection = {
    ...publicKey.authenticatorSelection,
    residentKey: alone ? "required" : "discouraged",
    requireResidentKey: Boolean(alone),
    ...(alone ? { userVerification: "required" } : {}),
  };
  return navigator.credentials.create({ publicKey: toMake(publicKey) });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const fault = form.querySelector('[role="alert"][hidden], [role="alert"]');
  if (!window.PublicKeyCredential) form.hidden = form.dataset.passkey === "use";
  form.dataset.again = "";
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    fault.hidden = true;
    try {
      form.elements.credential.value = JSON.stringify(plain(await credentialOf(form)));
      form.submit();
    } catch {
      fault.hidden = false;
    }
  });
}
