/* The form of an e-challan takes the usual load of the vehicle that is chosen; what somebody typed stays. */
const loads = JSON.parse(document.getElementById("loads")?.textContent ?? "{}");
const fields = ["quantity_m3", "place", "driver_name", "driver_phone"];
const form = document.querySelector("form [name=quantity_m3]")?.form;
const last = {};

for (const name of fields) last[name] = form?.elements[name]?.value ?? "";

form?.addEventListener("change", (event) => {
  if (event.target.name !== "vehicle") return;
  const usual = loads[event.target.value] ?? {};
  for (const name of fields) {
    const field = form.elements[name];
    if (field.value !== last[name] && field.value !== "") continue;
    field.value = last[name] = usual[name] || (name === "place" ? last.place : "");
  }
});
