// Names and definitions of what is measured: the server has them in English, a file has them in Chinese.

import { element, getJson, has, language, t } from "./common.js";

let told = {};

export async function beginWords() {
  if (language() === "zh") told = await getJson("/static/board_zh.json");
}

const own = (kind, metric) => told[kind]?.[metric.name];

export function nameOf(kind, metric) {
  const key = `${kind}_${metric.name}`;
  return has(key) ? t(key) : (own(kind, metric)?.name ?? element("span", { lang: "en" }, metric.label));
}

function unitOf(metric) {
  if (!metric.unit || ["share", "clock"].includes(metric.unit)) return "";
  return ` (${told.unit?.[metric.unit] ?? metric.unit})`;
}

// Names of columns and titles of works stay as they are; a formula or a source without other words is told in no other way.
export function definition(kind, metric) {
  const english = (text) => element("span", { lang: "en" }, text);
  const known = own(kind, metric);
  const formula = metric.formula ? `= ${known?.formula ?? metric.formula} ` : "";
  const source = told.source?.[metric.source];
  const exact = [formula, source ? `（${source}）` : metric.source ? english(`(${metric.source})`) : ""];
  const sentence = known ? [known.what, " ", ...exact] : [english(`${metric.description} ${formula}`), exact[1]];
  return element("details", { class: "what" }, element("summary", {}, nameOf(kind, metric), unitOf(metric)), element("p", {}, sentence));
}

export const isSure = (found) => found?.difference_half_width != null && Math.abs(found.difference) > found.difference_half_width;

// A value, its interval and its change are written with the same decimals, by the rule of the terminal and the report: up to
// four, as many as let a sure change look sure (tests/browser/test_board_details.py holds the two rules together).
const MOST_DECIMALS = 4;

export function decimalsOf(unit, values, changes) {
  const factor = unit === "share" ? 100 : 1;
  const largest = factor * Math.max(0, ...values.map((found) => Math.abs(found?.mean ?? 0)));
  let digits = largest >= 1000 ? 0 : unit === "share" || largest >= 100 ? 1 : 2;
  const rounded = (value) => Number((factor * Math.abs(value)).toFixed(digits));
  for (const found of changes.filter(isSure)) while (digits < MOST_DECIMALS && rounded(found.difference) <= rounded(found.difference_half_width)) digits++;
  return digits;
}

function inWords(said) {
  if (Array.isArray(said)) return said.map(inWords).join("、");
  if (said === null || typeof said !== "object") return told.network?.[said] ?? String(said ?? "");
  const sentence = told.note?.[said.key];
  return sentence?.replace(/\{(\w+)\}/g, (_, name) => inWords(said.values?.[name]));
}

// A note that is no part of another one speaks of strategies by these values.
function labelled(said, labelOf) {
  const called = ["name", "names"].filter((key) => said.values?.[key]).map((key) => [key, [said.values[key]].flat().map((name) => labelOf(name))]);
  return { ...said, values: { ...said.values, ...Object.fromEntries(called) } };
}

// What a network's own files say of it stands in the language in which it was written; those of the networks that come
// with the program are told in Chinese as well. A warning is a note as well, and
// is told once.
export function sentences(notes, labelOf) {
  const said = new Set();
  return notes.filter((note) => {
    const key = note.words ? JSON.stringify(note.words) : note.text;
    return !said.has(key) && said.add(key);
  }).map((note) => (note.words && inWords(labelled(note.words, labelOf))) || element("span", { lang: "en" }, note.text));
}
