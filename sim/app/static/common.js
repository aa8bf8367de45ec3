// What all pages share: words in the reader's language, state in the address, requests, and drawing by SVG.

export const LANGUAGES = ["en", "zh"];
const SVG = "http://www.w3.org/2000/svg";
let words = {};

export const state = new URLSearchParams(location.search);

export function language() {
  const wished = state.get("lang") || (navigator.language || "en").slice(0, 2);
  return LANGUAGES.includes(wished) ? wished : "en";
}

// A word by its key; {name} in it is replaced. Text goes into the page as text, never as HTML.
export function t(key, values = {}) {
  const text = words[key];
  if (text === undefined) throw new Error(`no word for ${key}`);
  // {n|place|places} is the number and its word, of which there is one for 1 and one for all others.
  return text.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (_, name, one, more) => {
    const value = values[name] ?? "";
    return one === undefined ? value : `${value} ${String(value) === "1" ? one : more}`;
  });
}

export function has(key) {
  return words[key] !== undefined;
}

export async function begin() {
  words = await getJson(`/static/${language()}.json`);
  document.documentElement.lang = language() === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of document.querySelectorAll("[data-t-label]"))
    element.setAttribute("aria-label", t(element.dataset.tLabel));
  for (const element of document.querySelectorAll("[data-t-title]")) element.title = t(element.dataset.tTitle);
  document.title = t(document.documentElement.dataset.title);
  header();
}

function header() {
  const theme = localStorage.getItem("theme");
  if (theme) document.documentElement.dataset.theme = theme;
  const other = LANGUAGES[(LANGUAGES.indexOf(language()) + 1) % LANGUAGES.length];
  const change = document.getElementById("language");
  if (change) {
    change.textContent = t(`language_${other}`);
    change.lang = other === "zh" ? "zh-CN" : "en";
    change.addEventListener("click", () => {
      state.set("lang", other);
      location.search = state.toString();
    });
  }
  const dark = document.getElementById("theme");
  if (dark) {
    const shown = () => dark.setAttribute("aria-pressed", String(isDark()));
    shown();
    dark.addEventListener("click", () => {
      const next = isDark() ? "light" : "dark";
      localStorage.setItem("theme", next);
      document.documentElement.dataset.theme = next;
      shown();
      document.dispatchEvent(new Event("themechange"));
    });
  }
  for (const link of document.querySelectorAll("nav a")) {
    const kept = new URLSearchParams();
    for (const name of ["run", "lang"]) if (state.get(name)) kept.set(name, state.get(name));
    if ([...kept].length) link.search = kept.toString();
  }
}

export function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

export const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// State stands in the address, so that a page can be sent to somebody else.
export function remember(values) {
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === undefined || value === "") state.delete(name);
    else state.set(name, value);
  }
  history.replaceState(null, "", `${location.pathname}?${state}`);
}

export class AskedError extends Error {
  constructor(status, code, message, values = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.values = values;
  }
}

export async function getJson(address, options = {}) {
  for (let tries = 0; ; tries++) {
    const answer = await fetch(address, options);
    if (answer.ok) return answer.status === 204 ? null : answer.json();
    const told = await answer.json().catch(() => ({}));
    const error = told.error || {};
    // Work that takes longer goes on at the server: come again.
    if (error.code === "slow" && tries < 30) continue;
    throw new AskedError(answer.status, error.code || "http", error.message || String(answer.status), error.values);
  }
}

// The run that is looked at: the one in the address, else the newest that has tables.
export async function chosenRun() {
  const { runs, unfinished } = await getJson("/api/v1/runs");
  const named = runs.find((run) => run.key === state.get("run"));
  return { run: named || runs.find((run) => run.has_tables) || runs[0], runs, unfinished };
}

export const api = (run, rest, query = {}) => {
  const asked = new URLSearchParams(query).toString();
  return `/api/v1/runs/${encodeURIComponent(run)}/${rest}${asked ? `?${asked}` : ""}`;
};

export function clock(seconds) {
  const minutes = Math.round(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return `${String(hours).padStart(2, "0")}:${String(((minutes % 60) + 60) % 60).padStart(2, "0")}`;
}

export function number(value, digits = 0) {
  if (value === null || value === undefined) return "–";
  const whole = value.toLocaleString(language() === "zh" ? "zh-CN" : "en", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return /[1-9]/.test(whole) ? whole.replace("-", "−") : whole.replace("-", "");
}

export const percent = (share) => `${number(share * 100)} %`;

// A line that goes by a number is called a line; one with a name of its own, as 1号线 or Line 1, goes by that alone.
export const lineWords = (name, key = "line_number") => (/^[A-Za-z]?\d+[A-Za-z]?$/.test(name) ? t(key, { line: name }) : name);

export function element(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(made, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

// Names in any script, without accents and case.
export const folded = (text) =>
  text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase();

// How full, in words of what one can do; a number of blocks says the same without colour.
export const LEVELS = ["seat", "easy", "shoulders", "packed", "left"];

export function levelOf(loadFactor) {
  return loadFactor < 0.3 ? 0 : loadFactor < 0.6 ? 1 : loadFactor < 0.8 ? 2 : 3;
}

export function blocks(level) {
  const drawn = svg("svg", { class: "blocks", viewBox: "0 0 54 12", width: 54, height: 12, "aria-hidden": "true" });
  for (let place = 0; place < 5; place++)
    drawn.append(
      svg("rect", { x: place * 11, y: 1, width: 9, height: 10, rx: 1.5, class: place <= level ? `on l${level}` : "off" }),
    );
  return drawn;
}

// A map without tiles: links as strokes, lines over them, stops as dots. Returns the drawn map and its pieces.
export function drawMap(network, { onStop = null, label }) {
  const { stops, nodes, links, lines } = network;
  const x = stops.x.concat(nodes.x);
  const y = stops.y.concat(nodes.y);
  const width = Math.max(network.width, 1);
  const height = Math.max(network.height, width * 0.12);
  const pad = width * 0.05;
  const area = { x: -pad, y: -pad - (height - network.height) / 2, width: width + 2 * pad, height: height + 2 * pad };
  const drawn = svg("svg", {
    viewBox: `${area.x} ${area.y} ${area.width} ${area.height}`,
    role: "img",
    "aria-label": label,
    class: "map",
  });
  let d = "";
  for (let row = 0; row < links.length; row += 2)
    d += `M${x[links[row]]} ${y[links[row]]}L${x[links[row + 1]]} ${y[links[row + 1]]}`;
  drawn.append(svg("path", { d, class: "link" }));
  for (const line of lines)
    for (const direction of line.directions)
      drawn.append(
        svg("path", {
          d: direction.stops.map((stop, place) => `${place ? "L" : "M"}${x[stop]} ${y[stop]}`).join(""),
          class: "line",
        }),
      );
  const radius = Math.max(width / 160, Math.min(width / 90, (width / stops.id.length) * 0.35));
  const dots = stops.id.map((_, row) => svg("circle", { cx: x[row], cy: y[row], r: radius, class: "stop" }));
  drawn.append(...dots);
  if (onStop)
    drawn.addEventListener("click", (event) => {
      const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(drawn.getScreenCTM().inverse());
      let best = -1;
      let least = Infinity;
      for (let row = 0; row < stops.id.length; row++) {
        const away = (x[row] - point.x) ** 2 + (y[row] - point.y) ** 2;
        if (away < least) [least, best] = [away, row];
      }
      if (best >= 0) onStop(best);
    });
  return { drawn, dots, radius, area };
}

export function say(text) {
  const place = document.getElementById("status");
  if (place) place.textContent = text;
}

export function wrong(error, values = {}) {
  const known = `error_${error.code}`;
  say(has(known) ? t(known, { ...error.values, ...values }) : error instanceof AskedError ? error.message : t("error_network"));
}
