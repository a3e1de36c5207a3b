/* A field with a list that has an address offers what begins as somebody types; without it the form asks back. */
for (const list of document.querySelectorAll("datalist[data-url]")) {
  const field = document.querySelector(`input[list="${CSS.escape(list.id)}"]`);
  let timer = 0;
  let asked = 0;
  field?.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(offer, 250);
  });

  async function offer() {
    const [mine, text] = [++asked, field.value.trim()];
    if (!text || text.includes("·")) return;
    try {
      const answer = await fetch(`${list.dataset.url}?q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" } });
      if (!answer.ok || mine !== asked) return;
      const rows = (await answer.json()).offered.map((words) => Object.assign(document.createElement("option"), { value: words }));
      list.replaceChildren(...rows);
    } catch {
      // what was offered before stays
    }
  }
}
