/* A pairing test that runs: asks every two seconds how it stands, until it is over. */
const card = document.querySelector("[data-test]");
const part = (name) => card.querySelector(`[data-test-${name}]`);

async function ask() {
  try {
    const answer = await fetch(card.dataset.test, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const said = await answer.json();
    part("chip").textContent = said.title;
    part("chip").className = `chip ${said.state}`;
    part("heard").textContent = said.heard;
    part("hint").textContent = said.hint;
    if (said.over) clearInterval(timer);
  } catch {
    // the page stays as it is; the next question tries again
  }
}

const timer = card && card.dataset.over === "0" ? setInterval(() => document.hidden || ask(), 2000) : 0;
