/* The slip that goes with the truck: number, plate, QR, time; one page of a thermal or any printer. */
import qrcode from "../../vendor/gate/qrcode.js";
import { filled, shownTime, words } from "./words.js";

const QUIET = 4;

/** The QR as a path of squares: the address as bytes, what follows its # as letters and digits. */
export function qrSvg(text) {
  const hash = text.indexOf("#") + 1;
  const code = qrcode(0, "M");
  code.addData(text.slice(0, hash), "Byte");
  code.addData(text.slice(hash), "Alphanumeric");
  code.make();
  const count = code.getModuleCount();
  const dark = [];
  for (let row = 0; row < count; row += 1)
    for (let at = 0; at < count; at += 1) if (code.isDark(row, at)) dark.push(`M${at + QUIET} ${row + QUIET}h1v1h-1z`);
  const size = count + 2 * QUIET;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", words.qr);
  svg.dataset.modules = count;
  const path = document.createElementNS(svg.namespaceURI, "path");
  path.setAttribute("d", dark.join(""));
  svg.append(path);
  return svg;
}

const cubic = (thousandths) => filled(words.cubic, { m3: thousandths / 1000 });

/** Fill the slip with a line of the book. */
export function fillSlip(slip, { line, shown }) {
  const put = (name, text) => {
    slip.querySelector(`[data-slip=${name}]`).textContent = text;
  };
  put("number", shown.number);
  put("plate", shown.mark);
  put("until", shownTime(shown.until));
  put("issued", shownTime(shown.at));
  put("load", cubic(shown.quantity));
  put("weights", shown.gross_kg ? filled(words.slip_weights, shown) : "");
  put("way", `${shown.ghat.hi} → ${shown.place.hi}`);
  put("driver", shown.driver);
  put("settlee", shown.settlee);
  slip.querySelector("[data-slip=offline]").hidden = !line.quota;
  slip.querySelector("[data-slip=qr]").replaceChildren(qrSvg(line.text));
}
