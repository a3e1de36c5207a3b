/* A field with a <datalist> proposes its lines, and what begins as somebody types where the list has an address:
   a list of our own, since browsers draw theirs in every way and phones hardly. Without this script the browser's
   own list and the form's asking back remain. */
import { combobox, part } from "./combobox.js";

for (const input of document.querySelectorAll("input[list]")) {
  const near = input.list;
  const lines = [...near.options].map((option) => option.value);
  const begun = (text) => lines.filter((line) => line.toLowerCase().includes(text.toLowerCase())).slice(0, 8);
  const box = document.createElement("div");

  input.removeAttribute("list");
  input.before(box);
  box.append(input);
  combobox(input, {
    box,
    id: `${near.id}-offered`,
    label: input.labels[0]?.textContent.trim() ?? "",
    pauseMs: 250,
    rows: async (text, signal) => {
      if (lines.includes(text)) return [];
      if (!text || !near.dataset.url) return begun(text);
      const answer = await fetch(`${near.dataset.url}?${new URLSearchParams({ q: text })}`, { signal });
      return answer.ok ? (await answer.json()).offered : begun(text);
    },
    draw: (line) => [part("b", line)],
    take: (line) => {
      input.value = line;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    },
  });
}
