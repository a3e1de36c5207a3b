/* What the field of search proposes as somebody types: arrows choose, Enter opens, Escape puts the list away.
   Without this script the field is a form that leads to the page of results. */
const form = document.querySelector("form.find[data-suggest]");
const PAUSE_MS = 180;

if (form) {
  const input = form.querySelector("input");
  const list = document.createElement("ul");
  let [timer, asking, chosen] = [0, null, -1];

  list.id = "found";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.getAttribute("aria-label"));
  list.hidden = true;
  form.append(list);
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id], ["aria-expanded", "false"]]) input.setAttribute(name, value);

  const options = () => [...list.querySelectorAll("[role=option]")];

  const show = (shown) => {
    list.hidden = !shown;
    input.setAttribute("aria-expanded", String(shown));
    if (!shown) choose(-1);
  };

  function choose(index) {
    const rows = options();
    chosen = rows.length ? (index < -1 ? rows.length - 1 : index >= rows.length ? -1 : index) : -1;
    rows.forEach((row, place) => row.setAttribute("aria-selected", String(place === chosen)));
    if (chosen < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", rows[chosen].id);
      rows[chosen].scrollIntoView({ block: "nearest" });
    }
  }

  const part = (tag, text, name = "") => {
    const element = document.createElement(tag);
    element.textContent = text;
    if (name) element.className = name;
    return element;
  };

  const option = (row, place) => {
    const item = document.createElement("li");
    item.id = `found-${place}`;
    item.dataset.url = row.url;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.append(part("b", row.title), part("i", row.state), part("span", row.about, "sub"));
    return item;
  };

  const open = (item) => location.assign(new URL(item.dataset.url, location.origin));

  async function ask() {
    const text = input.value.trim();
    asking?.abort();
    if (text.length < 2) return show(false);
    asking = new AbortController();
    try {
      const answer = await fetch(`${form.dataset.suggest}?${new URLSearchParams({ q: text })}`, { signal: asking.signal });
      if (!answer.ok) return show(false);
      const { results } = await answer.json();
      list.replaceChildren(...results.map(option));
      show(results.length > 0 && document.activeElement === input);
    } catch (error) {
      if (error.name !== "AbortError") show(false);
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      show(false);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden && options().length) show(true);
      if (list.hidden) return;
      event.preventDefault();
      choose(chosen + (event.key === "ArrowDown" ? 1 : chosen < 0 ? -2 : -1));
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      open(options()[chosen]);
    }
  });
  input.addEventListener("focus", () => input.value.trim().length > 1 && options().length && show(true));
  input.addEventListener("blur", () => show(false));
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const item = event.target.closest("[role=option]");
    if (item) open(item);
  });
}
