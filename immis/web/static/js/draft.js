/* A form that is being filled in is kept on this device until it was taken, for the person who fills it in. */
const PLACE = "draft:";
const SENT = "draft-sent";
const WEEK = 7 * 24 * 3600 * 1000;

const kept = (control) => control.name && !["hidden", "file", "password", "submit", "button"].includes(control.type);

function written(form) {
  const values = {};
  for (const control of form.elements) {
    if (!kept(control)) continue;
    const on = control.type === "checkbox" || control.type === "radio" ? control.checked : control.value !== control.defaultValue && control.value !== "";
    if (on) values[control.name] = control.value;
  }
  return values;
}

function fillIn(form, values) {
  let filled = false;
  for (const control of form.elements) {
    if (!kept(control) || !(control.name in values)) continue;
    if (control.type === "checkbox" || control.type === "radio") control.checked = control.value === values[control.name];
    else control.value = values[control.name];
    control.closest("details")?.setAttribute("open", "");
    filled = true;
  }
  return filled;
}

/* Storage may be full or forbidden: the form works without it. */
function storage(act) {
  try {
    return act();
  } catch {
    return null;
  }
}

function forgetOld(now) {
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(PLACE) && now - (JSON.parse(localStorage.getItem(key)).at ?? 0) > WEEK) localStorage.removeItem(key);
  }
}

function begin(form) {
  const key = PLACE + form.dataset.draft;
  const note = document.querySelector("[data-draft-note]");
  const refused = form.dataset.draftRefused !== undefined;
  storage(() => sessionStorage.removeItem(SENT)); // it came back: refused, or never sent
  const draft = storage(() => JSON.parse(localStorage.getItem(key)));
  if (draft && !refused && fillIn(form, draft.values)) note.hidden = false;
  note?.querySelector("button").addEventListener("click", () => {
    storage(() => localStorage.removeItem(key));
    form.reset();
    note.hidden = true;
  });
  let waits = 0;
  form.addEventListener("input", () => {
    clearTimeout(waits);
    waits = setTimeout(() => storage(() => localStorage.setItem(key, JSON.stringify({ at: Date.now(), values: written(form) }))), 400);
  });
  form.addEventListener("submit", () => {
    clearTimeout(waits);
    storage(() => localStorage.setItem(key, JSON.stringify({ at: Date.now(), values: written(form) })));
    storage(() => sessionStorage.setItem(SENT, key));
  });
}

/* The page of an entry says that an act was taken: what was sent is a draft no more. */
function taken() {
  const key = sessionStorage.getItem(SENT);
  if (key) localStorage.removeItem(key);
  sessionStorage.removeItem(SENT);
}

storage(() => forgetOld(Date.now()));
if (document.querySelector("[data-draft-taken]")) storage(taken);
for (const form of document.querySelectorAll("form[data-draft]")) begin(form);
