/* A notice that is being written: its check is read again a moment after the last key. */
const area = document.querySelector("[data-check]");
const found = document.getElementById("found");
const token = area.form.querySelector("[name=csrfmiddlewaretoken]").value;
let timer = 0;
let asked = 0;

async function check() {
  const mine = ++asked;
  try {
    const body = new URLSearchParams({ text: area.value, csrfmiddlewaretoken: token });
    const answer = await fetch(area.dataset.check, { method: "POST", body });
    if (answer.ok && mine === asked) found.innerHTML = await answer.text();
  } catch {
    // what was found before stays; the next key asks again
  }
}

area.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(check, 1200);
});
check();
