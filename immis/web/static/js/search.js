/* What the field of search proposes as somebody types; taking a line opens it.
   Without this script the field is a form that leads to the page of results. */
import { combobox, part } from "./combobox.js";

const form = document.querySelector("form.find[data-suggest]");

if (form) {
  const input = form.querySelector("input");
  combobox(input, {
    box: form,
    id: "find-offered",
    label: input.getAttribute("aria-label"),
    rows: async (text, signal) => {
      if (text.length < 2) return [];
      const answer = await fetch(`${form.dataset.suggest}?${new URLSearchParams({ q: text })}`, { signal });
      return answer.ok ? (await answer.json()).results : [];
    },
    draw: (row) => [part("b", row.title), part("i", row.state), part("span", row.about, "sub")],
    take: (row) => location.assign(new URL(row.url, location.origin)),
  });
}
