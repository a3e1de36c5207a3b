/* A QR opens /verify#PASS: the part after # reaches no server by itself, so it is handed to the check by POST. */
const form = document.querySelector("[data-verify]");
const pass = location.hash.slice(1);
if (form && pass.length > 60) {
  const field = form.querySelector("[name=q]");
  field.value = location.hash; // the address was proven by arriving here
  document.getElementById("check-note").hidden = false;
  history.replaceState(null, "", location.pathname);
  form.submit();
}
