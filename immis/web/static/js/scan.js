/* The photo of a QR: read on this device where it can, else made small before it is sent. */
const LONGEST = 1600;

async function readHere(picture) {
  if (!("BarcodeDetector" in window)) return "";
  const codes = await new BarcodeDetector({ formats: ["qr_code"] }).detect(picture);
  return codes.length === 1 ? codes[0].rawValue : "";
}

async function made_small(picture) {
  const scale = LONGEST / Math.max(picture.width, picture.height);
  if (scale >= 1) return null;
  const canvas = Object.assign(document.createElement("canvas"), {
    width: Math.round(picture.width * scale),
    height: Math.round(picture.height * scale),
  });
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.9));
  return blob && new File([blob], "qr.jpg", { type: "image/jpeg" });
}

async function take(field) {
  const [file] = field.files;
  const form = field.form;
  if (!file) return;
  try {
    const picture = await createImageBitmap(file);
    const text = await readHere(picture);
    if (text) {
      form.elements.q.value = text;
      field.value = "";
    } else {
      const small = await made_small(picture);
      if (small) {
        const list = new DataTransfer();
        list.items.add(small);
        field.files = list.files;
      }
    }
  } catch {
    // the office reads it, or says that it cannot
  }
  form.requestSubmit();
}

for (const field of document.querySelectorAll("input[data-qr]")) field.addEventListener("change", () => take(field));
for (const field of document.querySelectorAll("input[name=load]")) {
  field.addEventListener("change", () => field.form.elements.q?.focus());
}
