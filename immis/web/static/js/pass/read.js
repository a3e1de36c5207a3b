/* A QR in a photo or a frame of the camera, read on this device by ZXing. */
import { prepareZXingModule, readBarcodes } from "../../vendor/pass/es/reader/index.js";
import { carriesPass } from "./text.js";

const wasm = new URL("../../vendor/pass/zxing_reader.wasm", import.meta.url).href;
const LONGEST = 1600;
const OPTIONS = { formats: ["QRCode"], tryHarder: true, tryRotate: true, tryInvert: false, maxNumberOfSymbols: 4 };

prepareZXingModule({ overrides: { locateFile: () => wasm } });

/** Have the reader ready before the first frame. */
export const warmUp = () => prepareZXingModule({ fireImmediately: true });

/** The texts of the passes that a picture shows, else of its other QRs. */
export async function textsIn(picture) {
  const found = (await readBarcodes(picture, OPTIONS)).filter((code) => code.isValid).map((code) => code.text);
  const passes = found.filter(carriesPass);
  return [...new Set(passes.length ? passes : found)];
}

function pixels(source, width, height) {
  const scale = Math.min(1, LONGEST / Math.max(width, height));
  const canvas = new OffscreenCanvas(Math.round(width * scale), Math.round(height * scale));
  const drawn = canvas.getContext("2d", { willReadFrequently: true });
  drawn.drawImage(source, 0, 0, canvas.width, canvas.height);
  return drawn.getImageData(0, 0, canvas.width, canvas.height);
}

export async function textsInPhoto(file) {
  const picture = await createImageBitmap(file);
  return textsIn(pixels(picture, picture.width, picture.height));
}

/** Looks at the camera until a QR is read, or until it is stopped; answers the text, or "". */
export async function lookThrough(video, { signal }) {
  const camera = { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } };
  const stream = await navigator.mediaDevices.getUserMedia({ video: camera });
  try {
    video.srcObject = stream;
    await video.play();
    while (!signal.aborted) {
      const [text] = await textsIn(pixels(video, video.videoWidth, video.videoHeight));
      if (text) return text;
      await new Promise((next) => setTimeout(next, 60));
    }
    return "";
  } finally {
    stream.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
  }
}
