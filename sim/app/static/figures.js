// Figures that can be taken away: SVG with its colours written into it, so that it looks the same in a mail.

import { element, language, svg, t } from "./common.js";

const MOST_WIDE = 900;
const LEAST_WIDE = 340;

// Units of a drawing are about pixels of the page, so that its letters can be read on a phone as well.
export const figureWide = (most = MOST_WIDE) => Math.min(most, Math.max(LEAST_WIDE, document.getElementById("main").clientWidth - 52));

export const isNarrow = (wide) => wide < 600;

// Full hours, as far apart as their labels need.
export function hourMarks(first, last, wide, least = 2) {
  const step = 3600 * ([0.5, 1, 2, 3, 4, 6, 12].find((hours) => hours >= least && (hours * 3600 * wide) / (last - first) >= 44) ?? 24);
  const marks = [];
  for (let time = Math.ceil(first / step) * step; time <= last; time += step) marks.push(time);
  return marks;
}

// A name as far as there is room for it; letters of Chinese are as wide as they are high.
export function fitted(name, room, size) {
  let used = 0;
  const letters = [...name];
  const place = letters.findIndex((letter) => (used += letter > "\u2e80" ? size : size * 0.6) > room);
  return place < 0 ? name : `${letters.slice(0, Math.max(place - 1, 1)).join("")}…`;
}

export function colours() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: read("ink"), quiet: read("quiet"), rule: read("rule"), panel: read("panel"), paper: read("paper"),
    levels: [0, 1, 2, 3, 4].map((level) => read(`l${level}`)), act: read("act"),
    less: read("l0"), more: read("l3"), even: read("field"),
  };
}

export function download(name, content, type) {
  const address = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  const link = element("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

export const csvText = (rows) =>
  rows
    .map((row) =>
      row
        .map((value) => {
          let text = value === null || value === undefined ? "" : String(value);
          // A spreadsheet would run a name that begins like a formula.
          if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
          return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
        })
        .join(","),
    )
    .join("\r\n") + "\r\n";

export function svgText(drawn) {
  const copy = drawn.cloneNode(true);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const box = drawn.viewBox.baseVal;
  copy.setAttribute("width", box.width);
  copy.setAttribute("height", box.height);
  return new XMLSerializer().serializeToString(copy);
}

// A picture that takes its colours from the page's style sheet, with them written into it.
const STYLES = ["fill", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "opacity", "font-size", "font-family", "paint-order", "vector-effect"];

export function styledSvgText(drawn) {
  const copy = drawn.cloneNode(true);
  const copies = copy.querySelectorAll("*");
  drawn.querySelectorAll("*").forEach((one, place) => {
    const style = getComputedStyle(one);
    for (const name of STYLES) copies[place].setAttribute(name, style.getPropertyValue(name));
    copies[place].removeAttribute("class");
  });
  copy.removeAttribute("class");
  // A drawing in units of its own is as wide on paper as figures are.
  const { width, height } = drawn.viewBox.baseVal;
  const wide = width > MOST_WIDE ? MOST_WIDE : width;
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", wide);
  copy.setAttribute("height", Math.round((height * wide) / width));
  return new XMLSerializer().serializeToString(copy);
}

export async function svgToPng(text, background) {
  const picture = new Image();
  const address = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  picture.src = address;
  await picture.decode();
  const canvas = element("canvas", { width: picture.width * 2, height: picture.height * 2 });
  const pen = canvas.getContext("2d");
  pen.fillStyle = background;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(address);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

// A figure with its title and the buttons that take it away.
export function figure(name, title, drawn, rows, asSvg = () => svgText(drawn)) {
  const made = element("figure", { "data-name": name });
  const button = (kind, act) =>
    element("button", { type: "button", "aria-label": t("export_what", { kind, what: title }), onclick: act }, kind);
  const exports = element(
    "span",
    { class: "exports" },
    button("PNG", async () => download(`${name}.png`, await svgToPng(asSvg(), colours().panel), "image/png")),
    button("SVG", () => download(`${name}.svg`, asSvg(), "image/svg+xml")),
    rows ? button("CSV", () => download(`${name}.csv`, csvText(rows()), "text/csv")) : null,
  );
  made.append(element("figcaption", {}, element("span", {}, title), exports), drawn);
  made.asSvg = asSvg;
  return made;
}

export function tableBox(name, title, table, rows) {
  return element(
    "div",
    { class: "tablebox", tabindex: "0", role: "region", "aria-label": t("table_of", { what: title }) },
    element(
      "div",
      { class: "exports" },
      element(
        "button",
        {
          type: "button",
          "aria-label": t("export_what", { kind: "CSV", what: title }),
          onclick: () => download(`${name}.csv`, csvText(rows()), "text/csv"),
        },
        "CSV",
      ),
    ),
    table,
  );
}

// The page as one file without a script: pictures and tables as they are shown now.
export async function wholePage(title) {
  const styles = await Promise.all(["style", "board"].map((name) => fetch(`/static/${name}.css`).then((a) => a.text())));
  const copy = document.getElementById("main").cloneNode(true);
  const originals = [...document.querySelectorAll("#main figure")];
  [...copy.querySelectorAll("figure")].forEach((one, place) => {
    const holder = new DOMParser().parseFromString(originals[place].asSvg(), "image/svg+xml").documentElement;
    one.querySelector("canvas, svg")?.replaceWith(holder);
  });
  for (const gone of copy.querySelectorAll("button, select, input, label, .exports, .live, [hidden], script")) gone.remove();
  for (const details of copy.querySelectorAll("details")) details.open = false;
  // Put together as text: a style element would be refused by this page's own policy, though it is for another one.
  const escaped = element("h1", {}, title).outerHTML;
  const { lang, dataset } = document.documentElement;
  const theme = dataset.theme ? ` data-theme="${dataset.theme}"` : "";
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><style>${styles.join("\n")}</style>`;
  return `<!doctype html>\n<html lang="${lang}"${theme}><head>${head}${escaped.replaceAll("h1>", "title>")}</head><body>${escaped}${copy.outerHTML}</body></html>\n`;
}

// Axes and lines for a small chart; x and y are numbers, yLow and yHigh what is shown.
// Above the plot `head` is left free, for a legend that must not lie on what it names.
export function frame({ wide = 640, high = 240, head = 0, x, y, xText, yText, label, xTicks, yTicks }) {
  const c = colours();
  const [left, foot, top, right] = [56, 36, 14 + head, 10];
  const scaleX = (value) => left + ((value - x[0]) / (x[1] - x[0] || 1)) * (wide - left - right);
  const scaleY = (value) => high - foot - ((value - y[0]) / (y[1] - y[0] || 1)) * (high - foot - top);
  const drawn = svg("svg", { viewBox: `0 0 ${wide} ${high}`, role: "img", "aria-label": label, "font-family": "system-ui, sans-serif", "font-size": 11, lang: language() });
  for (const [value, text] of yTicks)
    drawn.append(
      svg("path", { d: `M${left} ${scaleY(value)}H${wide - right}`, stroke: c.rule, fill: "none", "stroke-width": value === 0 ? 2 : 1 }),
      svg("text", { x: left - 5, y: scaleY(value) + 4, "text-anchor": "end", fill: c.ink }, text),
    );
  for (const [value, text] of xTicks)
    drawn.append(svg("text", { x: Math.min(scaleX(value), wide - 16), y: high - foot + 16, "text-anchor": "middle", fill: c.ink }, text));
  drawn.append(
    svg("text", { x: wide - right, y: high - 4, "text-anchor": "end", fill: c.quiet }, xText),
    svg("text", { x: 4, y: 10, fill: c.quiet }, yText),
  );
  return { drawn, scaleX, scaleY, left, right: wide - right, top, bottom: high - foot };
}

export function ticks(low, high, most = 5) {
  const raw = (high - low) / most || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= raw);
  const found = [];
  for (let value = Math.ceil(low / step) * step; value <= high + step * 1e-9; value += step) found.push(Number(value.toFixed(10)));
  return found;
}
