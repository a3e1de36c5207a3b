/* A form that is being filled in is kept on this device until it was taken, for the person who fills it in. */
const PLACE = "draft:";
const SENT = "draft-sent";
const WEEK = 7 * 24 * 3600 * 1000;

const kept = (control) => control.name && !["hidden", "file", "password", "submit", "button"].includes(control.type);

/* What the page came with: a control that was emptied or put back is written down as it is now. */
function standard(control) {
  if (control.options) return ([...control.options].find((option) => option.defaultSelected) ?? control.options[0])?.value;
  return control.defaultValue;
}

function written(form) {
  const values = {};
  for (const control of form.elements) {
    if (!kept(control)) continue;
    const on = control.type === "checkbox" || control.type === "radio" ? control.checked : control.value !== standard(control);
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
  const note = form.parentElement.querySelector("[data-draft-note]");
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
  const keep = () => {
    waits = clearTimeout(waits);
    storage(() => localStorage.setItem(key, JSON.stringify({ at: Date.now(), values: written(form) })));
  };
  form.addEventListener("input", () => {
    clearTimeout(waits);
    waits = setTimeout(keep, 400);
  });
  document.addEventListener("visibilitychange", () => waits && keep()); // a phone may end a hidden page without a word
  form.addEventListener("submit", () => {
    keep();
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
if (document.querySelector("[data-draft-taken], .flash .success")) storage(taken);
for (const form of document.querySelectorAll("form[data-draft]")) begin(form);
