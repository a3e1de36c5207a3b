/* The camera over the scale, where there is one: a picture with each weight of a truck, sent once the weight is taken. */
import { fact, forgetPhoto, keep, keepPhoto, photosUpTo, sendPhoto } from "./queue.js";

const WIDE = 1280;
const QUALITY = 0.7;
let film = null;

/** Open the camera; ``view`` shows what it sees. Answers whether it opened. */
export async function openCamera(view) {
  try {
    view.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: WIDE } }, audio: false });
    await view.play();
  } catch {
    return false;
  }
  film = view;
  view.hidden = false;
  await keep("camera", true);
  return true;
}

/** Open it again on a computer where it was opened before. */
export async function openKnown(view) {
  return Boolean(await fact("camera")) && openCamera(view);
}

/** Keep what the camera sees now with a weighment. */
export async function photograph(counter) {
  if (!film?.videoWidth) {
    return;
  }
  const canvas = Object.assign(document.createElement("canvas"), { width: film.videoWidth, height: film.videoHeight });
  canvas.getContext("2d").drawImage(film, 0, 0);
  const picture = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  if (picture) {
    await keepPhoto(counter, picture);
  }
}

/** Send the pictures of weighments that the department has; what it refuses is not sent again. */
export async function sendPhotos(device) {
  for (const counter of await photosUpTo((await fact("taken")) || 0)) {
    const status = await sendPhoto(device, counter);
    if (status >= 500 || status === 429) {
      return;
    }
    await forgetPhoto(counter);
  }
}
