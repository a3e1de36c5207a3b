/* A field that proposes as somebody types, by the ARIA pattern of a combobox: arrows choose, Enter takes, Escape puts
   the list away, a finger or the mouse takes what it touches. `rows(text, signal)` answers what is proposed, `draw(row)`
   the elements of a line, `take(row)` does what choosing it means; `box` holds field and list. */
export function combobox(input, { box, id, label, rows, draw, take, pauseMs = 180 }) {
  const list = document.createElement("ul");
  let [timer, asking, chosen, proposed] = [0, null, -1, []];

  list.id = id;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", label);
  list.hidden = true;
  box.classList.add("combobox");
  box.append(list);
  const traits = { role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-controls": id, "aria-expanded": "false" };
  for (const [name, value] of Object.entries(traits)) input.setAttribute(name, value);

  const show = (shown) => {
    list.hidden = !shown;
    input.setAttribute("aria-expanded", String(shown));
    if (shown) return list.scrollIntoView({ block: "nearest" });
    clearTimeout(timer);
    asking?.abort();
    choose(-1);
  };

  function choose(index) {
    const last = proposed.length - 1;
    chosen = index < -1 ? last : index > last ? -1 : index;
    const items = [...list.children];
    items.forEach((item, place) => item.setAttribute("aria-selected", String(place === chosen)));
    if (chosen < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", items[chosen].id);
      items[chosen].scrollIntoView({ block: "nearest" });
    }
  }

  const line = (row, place) => {
    const item = document.createElement("li");
    item.id = `${id}-${place}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.append(...draw(row));
    return item;
  };

  async function propose() {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    try {
      const answer = await rows(input.value.trim(), signal);
      if (signal.aborted) return;
      proposed = answer;
      list.replaceChildren(...proposed.map(line));
      choose(-1);
      show(proposed.length > 0 && document.activeElement === input);
    } catch (error) {
      if (error.name !== "AbortError") show(false);
    }
  }

  function taken(place) {
    show(false);
    take(proposed[place]);
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(propose, pauseMs);
  });
  input.addEventListener("focus", propose);
  input.addEventListener("blur", () => show(false));
  input.addEventListener("keydown", async (event) => {
    const down = event.key === "ArrowDown";
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      show(false);
    } else if (down || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) await propose();
      if (!list.hidden) choose(chosen + (down ? 1 : chosen < 0 ? -2 : -1));
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      taken(chosen);
    }
  });
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const place = [...list.children].indexOf(event.target.closest("[role=option]"));
    if (place >= 0) taken(place);
  });
}

export const part = (tag, text, name = "") => {
  const element = document.createElement(tag);
  element.textContent = text;
  if (name) element.className = name;
  return element;
};
