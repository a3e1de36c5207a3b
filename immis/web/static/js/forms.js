/* Forms: the office judges them, in the page's language; days have a calendar, files show their names, ends are checked. */

/* What is wrong is said by the page itself, beside the field: no balloon of the browser's, in its own language. */
for (const form of document.forms) form.noValidate = true;
document.querySelector("[data-errors]")?.focus();

/* A day or an instant is text; beside it the calendar of the device writes the same text. */
const two = (number) => String(number).padStart(2, "0");

function asText(value) {
  const [, year, month, day, hour] = value.match(/^(\d+)-(\d+)-(\d+)(?:T(\d+:\d+))?/) ?? [];
  return year ? `${day}.${month}.${year}${hour ? ` ${hour}` : ""}` : "";
}

function asValue(text, kind) {
  const [, day, month, year, hour] = text.match(/^(\d{1,2})[.\/-](\d{1,2})[.\/-](\d{4})(?:,? +(\d{1,2}:\d{2}))?$/) ?? [];
  if (!year) return "";
  return `${year}-${two(month)}-${two(day)}${kind === "date" ? "" : `T${(hour ?? "00:00").padStart(5, "0")}`}`;
}

/* Digits alone, as a hasty hand types them, are given their dots. */
function dotted(text) {
  const [, day, month, year, hour, minute] = text.match(/^(\d{2})(\d{2})(\d{4})(?: ?(\d{2}):?(\d{2}))?$/) ?? [];
  return year ? `${day}.${month}.${year}${hour ? ` ${hour}:${minute}` : ""}` : text;
}

function addCalendar(field) {
  field.addEventListener("change", () => (field.value = dotted(field.value.trim())));
  const picker = Object.assign(document.createElement("input"), { type: field.dataset.day, tabIndex: -1, max: "9999-12-31" });
  if (!("showPicker" in picker)) return;
  if (field.dataset.day !== "date") picker.max += "T23:59";
  picker.setAttribute("aria-hidden", "true");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "calendar";
  button.setAttribute("aria-label", `${field.labels?.[0]?.textContent.trim() ?? ""} (${field.placeholder})`);
  const box = document.createElement("span");
  box.className = "day-control";
  field.replaceWith(box);
  box.append(field, picker, button);
  button.addEventListener("click", () => {
    picker.value = asValue(field.value.trim(), field.dataset.day);
    picker.showPicker();
  });
  picker.addEventListener("change", (event) => {
    event.stopPropagation();
    field.value = asText(picker.value);
    for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true }));
  });
}

for (const field of document.querySelectorAll("input[data-day]")) addCalendar(field);

/* A file is shown by its name and size; one that is too large is told at once. */
for (const box of document.querySelectorAll(".file-control")) {
  const field = box.querySelector("input[type=file]");
  const place = box.querySelector("[data-file-name]");
  const nothing = place.textContent;
  field.addEventListener("change", () => {
    const files = [...field.files];
    const most = Number(field.dataset.mostMb ?? Infinity) * 1024 * 1024;
    const large = files.some((file) => file.size > most);
    const names = files.map((file) => `${file.name} (${(file.size / 1048576).toFixed(1)} MB)`).join(", ");
    place.textContent = large ? `${names}: ${box.querySelector("[data-too-large]").dataset.tooLarge}` : names || nothing;
    place.classList.toggle("error", large);
  });
}

/* What cannot be undone is shown once more before it is sent; without scripts its tick is asked for. */
function answerOf(control) {
  if (control.type === "file") return [...control.files].map((file) => file.name).join(", ");
  if (control.type === "checkbox" || control.type === "radio") {
    return control.checked ? control.labels?.[0]?.textContent.trim() : "";
  }
  return control.selectedOptions ? [...control.selectedOptions].map((one) => one.textContent.trim()).join(", ") : control.value;
}

function nameOf(control) {
  const group = control.type === "radio" || (control.type === "checkbox" && control.closest(".field.group"));
  const label = group ? control.closest("fieldset")?.querySelector("legend") : control.labels?.[0];
  return label?.firstChild?.textContent.trim() || label?.textContent.trim() || "";
}

function answers(form) {
  const rows = new Map();
  for (const control of form.elements) {
    if (!control.name || ["hidden", "submit", "button"].includes(control.type) || control.name === "sure") continue;
    const [label, answer] = [nameOf(control), answerOf(control)];
    if (label && answer) rows.set(label, rows.has(label) ? `${rows.get(label)}, ${answer}` : answer);
  }
  return rows;
}

function ask(form, button) {
  const dialog = document.querySelector("template[data-check-answers]").content.firstElementChild.cloneNode(true);
  const list = dialog.querySelector("dl");
  for (const [label, answer] of answers(form)) {
    const row = document.createElement("div");
    row.append(Object.assign(document.createElement("dt"), { textContent: label }));
    row.append(Object.assign(document.createElement("dd"), { textContent: answer }));
    list.append(row);
  }
  const tick = form.elements.sure;
  dialog.querySelector(".ends").textContent = tick?.labels[0].textContent.trim() ?? "";
  const yes = dialog.querySelector("[data-yes]");
  yes.textContent = button.textContent.trim();
  yes.addEventListener("click", () => {
    if (tick) tick.checked = true;
    form.dataset.checked = "1";
    dialog.close();
    form.requestSubmit(button);
  });
  dialog.querySelector("[data-no]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

for (const form of document.querySelectorAll("form[data-ends]")) {
  const tick = form.elements.sure?.closest(".field");
  if (tick) tick.hidden = true;
  form.addEventListener("submit", (event) => {
    if (form.dataset.checked) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(form, event.submitter ?? form.querySelector("button:not([type=button])"));
  });
}
