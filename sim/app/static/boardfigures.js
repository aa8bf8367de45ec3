// Figures of the board besides the map: load along a line, gains and losses, curves of a sweep.

import { clock, element, has, levelOf, number, svg, t } from "./common.js";
import { colours, figure, figureWide, fitted, frame, hourMarks, isNarrow, tableBox, ticks } from "./figures.js";

// Load by stop and period: a row for each stop, a cell for each period.
export function heatFigure(strategy, title, direction, period_s, stopName) {
  const c = colours();
  const stops = direction.stop_ids;
  const wide = figureWide();
  const [left, top, cellHigh, foot] = [isNarrow(wide) ? 84 : 130, 6, Math.max(8, Math.min(16, 420 / stops.length)), 24];
  const high = top + stops.length * cellHigh + foot;
  const cellWide = (wide - left - 8) / direction.periods;
  let most = { load: -1, place: 0, column: 0 };
  const drawn = svg("svg", { viewBox: `0 0 ${wide} ${high}`, role: "img", "font-family": "system-ui, sans-serif", "font-size": 10 });
  const every = Math.ceil(11 / cellHigh);
  stops.forEach((stop, place) => {
    const y = top + place * cellHigh;
    if (place % every === 0) {
      drawn.append(svg("text", { x: left - 4, y: y + cellHigh / 2 + 3, "text-anchor": "end", fill: c.ink }, fitted(stopName(stop), left - 4, 10)));
    }
    for (let column = 0; column < direction.periods; ) {
      const load = direction.load_percent[place * direction.periods + column];
      const level = load < 0 ? -1 : levelOf(load / 100);
      let end = column;
      while (end < direction.periods) {
        const next = direction.load_percent[place * direction.periods + end];
        if ((next < 0 ? -1 : levelOf(next / 100)) !== level) break;
        if (next > most.load) most = { load: next, place, column: end };
        end++;
      }
      if (level >= 0) drawn.append(svg("rect", { x: (left + column * cellWide).toFixed(1), y: y.toFixed(1), width: ((end - column) * cellWide).toFixed(1), height: (cellHigh - 0.6).toFixed(1), fill: c.levels[level] }));
      column = end;
    }
  });
  const first = direction.first_period * period_s;
  for (const time of hourMarks(first, first + direction.periods * period_s, wide - left - 8))
    drawn.append(svg("text", { x: Math.min(left + ((time - first) / period_s) * cellWide, wide - 14), y: high - 8, "text-anchor": "middle", fill: c.ink }, clock(time)));
  drawn.setAttribute("aria-label", most.load < 0 ? title : t("heat_words", { stop: stopName(stops[most.place]), time: clock(first + most.column * period_s), load: number(most.load) }));
  const rows = () => [
    ["stop_id", "period_start", "load_percent", "load", "boardings_per_day", "denied_per_day"],
    ...stops.flatMap((stop, place) =>
      Array.from({ length: direction.periods }, (_, column) => {
        const at = place * direction.periods + column;
        if (direction.load_percent[at] < 0) return null;
        return [stop, clock(first + column * period_s), direction.load_percent[at], direction.load[at], direction.boardings[at] / 10, direction.denied[at] / 10];
      }).filter(Boolean),
    ),
  ];
  return figure(`loads-${strategy}`, title, drawn, rows);
}

export function gainFigures(network, gains, strategy, label, classes) {
  const { by_stop, by_period } = gains.strategies[strategy];
  return [placeFigure(network, by_stop, label), timeFigure(by_period, gains.period_s, label), classTable(classes, label)].filter(Boolean);
}

function placeFigure(network, places, label) {
  const c = colours();
  const { stops, links, nodes } = network;
  const x = stops.x.concat(nodes.x);
  const y = stops.y.concat(nodes.y);
  const wide = 900;
  const scale = (wide - 60) / Math.max(network.width, 1);
  const high = Math.max(network.height * scale, 60) + 60;
  const px = (row) => 30 + x[row] * scale;
  const py = (row) => 30 + y[row] * scale + (high - 60 - network.height * scale) / 2;
  const drawn = svg("svg", { viewBox: `0 0 ${wide} ${high.toFixed(0)}`, role: "img", "aria-label": t("gains_by_place", { strategy: label }) });
  let d = "";
  for (let row = 0; row < links.length; row += 2) d += `M${px(links[row]).toFixed(1)} ${py(links[row]).toFixed(1)}L${px(links[row + 1]).toFixed(1)} ${py(links[row + 1]).toFixed(1)}`;
  drawn.append(svg("path", { d, stroke: c.rule, fill: "none" }));
  const row = new Map(stops.id.map((id, place) => [id, place]));
  const most = Math.max(...places.map((place) => place.persons), 1);
  for (const place of places) {
    const at = row.get(place.stop_id);
    if (at === undefined || place.mean_change_min === null) continue;
    const sure = place.half_width !== null && Math.abs(place.mean_change_min) > place.half_width;
    const radius = 3 + 14 * Math.sqrt(place.persons / most);
    // Where the interval holds 0 the dot is empty: nobody can say which way it goes.
    drawn.append(
      svg(
        "circle",
        { cx: px(at), cy: py(at), r: radius.toFixed(1), fill: sure ? (place.mean_change_min < 0 ? c.less : c.more) : c.panel, stroke: place.mean_change_min < 0 ? c.less : c.more, "stroke-width": 2 },
        svg("title", {}, t("gain_of_place", { stop: stops.name[at], change: number(place.mean_change_min, 1), half: number(place.half_width, 1), persons: number(place.persons) })),
      ),
    );
  }
  const rows = () => [["stop_id", "persons_per_day", "mean_change_min", "half_width"], ...places.map((one) => [one.stop_id, one.persons, one.mean_change_min, one.half_width])];
  return figure("gains-by-place", t("gains_by_place", { strategy: label }), drawn, rows);
}

function timeFigure(periods, period_s, label) {
  const shown = periods.filter((one) => one.mean_change_min !== null);
  if (!shown.length) return null;
  const c = colours();
  const reach = (one) => one.half_width ?? 0;
  const low = Math.min(0, ...shown.map((one) => one.mean_change_min - reach(one)));
  const high = Math.max(0, ...shown.map((one) => one.mean_change_min + reach(one)));
  const first = shown[0].period_start_s;
  const last = shown[shown.length - 1].period_start_s + period_s;
  const wide = figureWide();
  const marks = hourMarks(first, last, wide - 66).map((time) => [time, clock(time)]);
  const title = t("gains_by_time", { strategy: label });
  const { drawn, scaleX, scaleY } = frame({ wide, high: 260, x: [first, last], y: [low, high], xText: t("habitual_departure"), yText: t("change_min"), label: title, xTicks: marks, yTicks: ticks(low, high).map((value) => [value, number(value, Math.abs(value) % 1 ? 1 : 0)]) });
  for (const one of shown) {
    const x = scaleX(one.period_start_s);
    const bar = scaleX(one.period_start_s + period_s) - x - 1.5;
    const [from, to] = [scaleY(0), scaleY(one.mean_change_min)];
    drawn.append(svg("rect", { x, y: Math.min(from, to), width: bar, height: Math.abs(from - to), fill: one.mean_change_min < 0 ? c.less : c.more }));
    if (one.half_width !== null) drawn.append(svg("path", { d: `M${x + bar / 2} ${scaleY(one.mean_change_min - one.half_width)}V${scaleY(one.mean_change_min + one.half_width)}`, stroke: c.ink }));
  }
  const rows = () => [["period_start", "persons_per_day", "mean_change_min", "half_width"], ...periods.map((one) => [clock(one.period_start_s), one.persons, one.mean_change_min, one.half_width])];
  return figure("gains-by-time", title, drawn, rows);
}

// What a saving consists of: a row for each strategy, its gains to the right of 0 and its losses to the left.
export function partFigures(sides) {
  const reach = (sign) => Math.max(...sides.flatMap(({ parts, strategies }) => strategies.map((strategy) => parts.reduce((sum, part) => sum + Math.max(sign * meanOf(part, strategy), 0), 0))), 0);
  const [low, high] = [-reach(-1), reach(1)];
  return sides.map((side) => partFigure(side, low, high));
}

const meanOf = (part, strategy) => part.values[strategy]?.mean ?? 0;

function partFigure({ name, title, parts, strategies, labelOf }, low, high) {
  const c = colours();
  const rowHigh = 34;
  const wide = figureWide();
  const columns = isNarrow(wide) ? 1 : 2;
  const top = 26 * Math.ceil(parts.length / columns) + 8;
  const tall = top + strategies.length * rowHigh + 40;
  const [left, right] = isNarrow(wide) ? [96, 16] : [200, 30];
  const scaleX = (value) => left + ((value - low) / (high - low || 1)) * (wide - left - right);
  const drawn = svg("svg", { viewBox: `0 0 ${wide} ${tall}`, role: "img", "font-family": "system-ui, sans-serif", "font-size": 12 });
  const nameOf = (part) => (has(`metric_${part.name}`) ? t(`metric_${part.name}`) : part.label);
  parts.forEach((part, place) => {
    const [x, y] = [(columns === 1 ? 4 : left) + (place % columns) * 340, 14 + Math.floor(place / columns) * 26];
    drawn.append(svg("rect", { x, y: y - 10, width: 18, height: 12, fill: c.levels[place % 5], stroke: c.ink }), svg("text", { x: x + 24, y, fill: c.ink }, nameOf(part)));
  });
  for (const value of ticks(low, high, isNarrow(wide) ? 3 : 5))
    drawn.append(svg("path", { d: `M${scaleX(value)} ${top}V${tall - 34}`, stroke: c.rule, "stroke-width": value === 0 ? 2 : 1 }), svg("text", { x: scaleX(value), y: tall - 20, "text-anchor": "middle", fill: c.ink }, number(value, Math.abs(value) % 1 ? 2 : 0)));
  const words = strategies.map((strategy, row) => {
    const y = top + row * rowHigh + 6;
    let [plus, minus] = [0, 0];
    drawn.append(svg("text", { x: left - 8, y: y + 15, "text-anchor": "end", fill: c.ink }, fitted(labelOf(strategy), left - 8, 12)));
    parts.forEach((part, place) => {
      const value = meanOf(part, strategy);
      const from = value > 0 ? plus : minus + value;
      if (value > 0) plus += value;
      else minus += value;
      if (value) drawn.append(svg("rect", { x: scaleX(from), y, width: Math.max(scaleX(from + Math.abs(value)) - scaleX(from), 0.5), height: 22, fill: c.levels[place % 5], stroke: c.ink, "stroke-width": 0.6 }, svg("title", {}, `${labelOf(strategy)}, ${nameOf(part)}: ${number(value, 2)}`)));
    });
    return `${labelOf(strategy)} ${number(plus + minus, 2)}`;
  });
  drawn.append(svg("text", { x: wide - right, y: tall - 4, "text-anchor": "end", fill: c.quiet }, t("saved_min")));
  drawn.setAttribute("aria-label", `${title}: ${words.join(", ")}`);
  const rows = () => [["strategy", "part", "mean_min", "half_width"], ...strategies.flatMap((strategy) => parts.map((part) => [strategy, part.name, part.values[strategy]?.mean, part.values[strategy]?.half_width]))];
  return figure(name, title, drawn, rows);
}

const groupWord = (text) => {
  const key = `group_${text.toLowerCase().replace(/[^a-z0-9]+/g, "_")}`;
  return has(key) ? t(key) : element("span", { lang: "en" }, text);
};

function classTable(classes, label) {
  if (!classes.length) return null;
  const title = t("gains_by_class", { strategy: label });
  const cell = (found, digits, factor = 1, unit = "") => element("td", {}, found?.mean == null ? "–" : `${number(found.mean * factor, digits)}${unit}`, element("small", {}, found?.half_width == null ? "" : `± ${number(found.half_width * factor, digits)}`));
  const body = classes.map((one) =>
    element("tr", {}, element("th", { scope: "row" }, groupWord(one.group)), element("td", {}, number(one.commuter_days)), cell(one.mean_change_min, 2), cell(one.winners_share, 1, 100, " %"), cell(one.losers_share, 1, 100, " %"), element("td", {}, one.largest_loss_min.largest < 0 ? t("nobody_loses") : number(one.largest_loss_min.largest, 1))),
  );
  const heads = ["class", "persons", "change_min", "winners", "losers", "largest_loss"];
  const table = element("table", {}, element("caption", {}, title), element("thead", {}, element("tr", {}, heads.map((head) => element("th", { scope: "col" }, t(head))))), element("tbody", {}, body));
  const rows = () => [["kind", "group", "commuter_days", "mean_change_min", "half_width", "winners_share", "losers_share", "largest_loss_min"], ...classes.map((one) => [one.kind, one.group, one.commuter_days, one.mean_change_min.mean, one.mean_change_min.half_width, one.winners_share.mean, one.losers_share.mean, one.largest_loss_min.largest])];
  return tableBox("gains-by-class", title, table, rows);
}

// Keys that many vary have words beside their name.
function keyWords(key) {
  const known = `key_${key.replaceAll(".", "_")}`;
  return has(known) ? t("key_and_words", { words: t(known), key }) : key;
}

// The change of cost along a key of a sweep, a line for each strategy, with the point from which advice does harm.
export function curveFigures(curves, labelOf, strategies) {
  const c = colours();
  const groups = new Map();
  for (const curve of curves) {
    const fixed = Object.entries(curve.fixed).map(([key, value]) => `${key} = ${value}`).join(", ");
    const key = `${keyWords(curve.along)}${fixed ? `, ${fixed}` : ""}`;
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(curve);
  }
  return [...groups].map(([title, own], place) => {
    const values = own.flatMap((curve) => curve.difference.flatMap((value, at) => [value - (curve.half_width[at] ?? 0), value + (curve.half_width[at] ?? 0)])).filter(Number.isFinite);
    const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
    const xs = own[0].x;
    const wide = figureWide();
    const head = 16 * own.length + 4;
    const every = Math.ceil((xs.length * 40) / (wide - 66));
    const { drawn, scaleX, scaleY, left } = frame({ wide, high: 326 + head, head, x: [xs[0], xs[xs.length - 1]], y: [low, high], xText: title, yText: t("change_min"), label: title, xTicks: xs.filter((_, at) => at % every === 0).map((value) => [value, String(value)]), yTicks: ticks(low, high).map((value) => [value, number(value, Math.abs(value) % 1 ? 1 : 0)]) });
    own.forEach((curve, number_) => {
      const colour = strategies.find((one) => one.name === curve.strategy)?.colour || c.levels[number_ % 5];
      const dash = ["", "7 4", "2 4", "9 3 2 3"][number_ % 4];
      drawn.append(svg("path", { d: curve.x.map((value, at) => `${at ? "L" : "M"}${scaleX(value)} ${scaleY(curve.difference[at])}`).join(""), stroke: colour, fill: "none", "stroke-width": 2.5, "stroke-dasharray": dash || null }));
      curve.x.forEach((value, at) => {
        if (curve.half_width[at] !== null) drawn.append(svg("path", { d: `M${scaleX(value)} ${scaleY(curve.difference[at] - curve.half_width[at])}V${scaleY(curve.difference[at] + curve.half_width[at])}`, stroke: colour }));
      });
      if (curve.backfires_from !== null) drawn.append(svg("circle", { cx: scaleX(curve.backfires_from), cy: scaleY(curve.difference[curve.x.indexOf(curve.backfires_from)] ?? 0), r: 8, fill: "none", stroke: colour, "stroke-width": 2.5 }));
      drawn.append(svg("path", { class: "legend-line", d: `M${left + 10} ${24 + number_ * 16}h28`, stroke: colour, "stroke-width": 2.5, "stroke-dasharray": dash || null }), svg("text", { x: left + 44, y: 28 + number_ * 16, fill: c.ink }, labelOf(curve.strategy)));
    });
    const rows = () => [["strategy", "along", "value", "difference", "half_width", "backfires_from"], ...own.flatMap((curve) => curve.x.map((value, at) => [curve.strategy, curve.along, value, curve.difference[at], curve.half_width[at], curve.backfires_from]))];
    const words = own.map((curve) => t(curve.backfires_from === null ? "never_backfires" : "backfires_from", { strategy: labelOf(curve.strategy), value: curve.backfires_from ?? "" }));
    return element("div", {}, figure(`curve-${place}`, title, drawn, rows), element("ul", {}, words.map((text) => element("li", {}, text))));
  });
}
