// The planner's board: what one strategy does beside another, over the day, line by line, and to whom.

import { LEVELS, api, begin, chosenRun, clock, element, getJson, has, isStill, lineWords, number, remember, say, state, svg, t, wrong } from "./common.js";
import { Scene, busiest, paint, sceneSvg } from "./boardmap.js";
import { otherPeople, runOption, runsTable } from "./boardruns.js";
import { Camera, closer, farther, movable } from "./mapview.js";
import { beginWords, decimalsOf, definition, isSure, sentences } from "./boardwords.js";
import { gainFigures, curveFigures, heatFigure, partFigures } from "./boardfigures.js";
import { download, figure, tableBox, wholePage } from "./figures.js";

const byId = (id) => document.getElementById(id);
const SPEED = 240; // seconds of the day in a second

let run = null;
let facts = null;
let network = null;
let beside = null; // another run beside this one, with its own network; null where both strategies are of one run
let allRuns = [];
const camera = Camera.of(state.get("zoom"));
let scenes = [];
let maps = [];
let time = 8 * 3600;
let playing = false;
const known = new Map();

const fetched = (rest, query = {}, key = run.key) => {
  const address = api(key, rest, query);
  if (!known.has(address)) known.set(address, getJson(address));
  return known.get(address);
};

async function start() {
  await begin();
  await beginWords();
  const { run: found, runs, unfinished } = await chosenRun();
  if (!found) return say(t("error_no_run"));
  run = { ...found };
  allRuns = runs;
  byId("run").append(...runs.map(runOption));
  byId("run").value = run.key;
  remember({ run: run.key });
  byId("run").addEventListener("change", () => {
    for (const name of ["a", "b", "line", "people", "with", "zoom"]) state.delete(name);
    state.set("run", byId("run").value);
    location.search = state.toString();
  });
  showUnfinished(unfinished);
  showRuns();
  await showPeople();
  byId("about-run").textContent = t("about_run", { name: facts.name, replications: facts.replications ?? 1, days: facts.days ?? 1, kept: facts.days_kept ?? 1, created: facts.created.slice(0, 16).replace("T", " ") });
  byId("notes").append(...sentences([...facts.warnings, ...facts.notes], labelOf).map((said) => element("li", {}, said)));
  byId("mail").addEventListener("click", async () => download(`${run.key}.html`, await wholePage(t("board_of", { name: facts.name })), "text/html"));
  if (!run.has_tables) {
    for (const section of document.querySelectorAll(".of-tables")) section.hidden = true;
    await showCurves();
  } else await showTables();
  if (run.kind !== "sweep") await showIndicators();
  else byId("indicators").closest("section").hidden = true;
  say("");
}

// The same run for other people goes by a key of its own; everything below is then of them.
async function showPeople() {
  const factsOf = (key) => getJson(api(key, "").replace(/\/$/, ""));
  facts = await factsOf(run.key);
  const chosen = facts.baselines.find((one) => one.name === state.get("people"));
  if (chosen && chosen.name !== facts.people) {
    run.key = chosen.key;
    facts = await factsOf(run.key);
  }
  byId("people-box").hidden = facts.baselines.length < 2;
  byId("people").append(...facts.baselines.map((one) => element("option", { value: one.name }, has(`people_${one.name}`) ? t(`people_${one.name}`) : one.label)));
  byId("people").value = facts.people;
  byId("people").addEventListener("change", () => {
    state.set("people", byId("people").value);
    location.search = state.toString();
  });
  byId("about-people").hidden = facts.baselines.length < 2;
  const told = `people_told_${facts.people}`;
  byId("about-people").textContent = has(told) ? t(told) : (facts.baselines.find((one) => one.name === facts.people)?.sentence ?? "");
  if (has(told)) byId("about-people").removeAttribute("lang");
}

const labelOf = (name, said = facts) => {
  if (has(`strategy_${name}`)) return t(`strategy_${name}`);
  return said.strategies.find((one) => one.name === name)?.label || name;
};

// Strategies of two runs are told apart by the names of the runs.
const labelOfScene = (scene) => (beside ? t("run_and_strategy", { run: scene.run, strategy: labelOf(scene.strategy, scene.facts) }) : labelOf(scene.strategy));

function showRuns() {
  byId("runs").hidden = allRuns.length < 2;
  byId("runs-table").replaceChildren(runsTable(allRuns, run));
}

// Jobs of the command line note how far they are; what they end in is put into the list of runs.
const EVERY_MS = 5000;
const QUIET_S = 120;

function showUnfinished(jobs) {
  byId("unfinished").hidden = !jobs.length;
  byId("unfinished-list").replaceChildren(
    ...jobs.map((job) => {
      const words = t("unfinished_job", { name: job.name, done: number(job.done), total: number(job.total) });
      const quiet = job.age_s > QUIET_S ? ` ${t("unfinished_quiet", { n: number(job.age_s / 60) })}` : "";
      return element("li", {}, element("progress", { max: job.total, value: job.done, "aria-label": words }), ` ${words}${quiet}`);
    }),
  );
  if (jobs.length) later();
}

// Also after a question that was not answered: the jobs go on, whatever one of them met.
const later = () => setTimeout(() => watch().catch(later), EVERY_MS);

async function watch() {
  const { runs, unfinished } = await chosenRun();
  const listed = new Set([...byId("run").options].map((option) => option.value));
  byId("run").append(...runs.filter((one) => !listed.has(one.key)).map(runOption));
  allRuns = runs;
  showRuns();
  showUnfinished(unfinished);
}

async function showTables() {
  network = await fetched("network");
  const names = run.strategies;
  byId("one").append(...names.map((name) => element("option", { value: name }, labelOf(name))));
  byId("one").value = names.includes(state.get("a")) ? state.get("a") : names[0];
  const others = allRuns.filter((one) => one.has_tables && one.key !== run.key.split("~")[0]);
  byId("with-box").hidden = !others.length;
  byId("with").append(element("option", { value: "" }, t("same_run")), ...others.map(runOption));
  byId("with").value = others.some((one) => one.key === state.get("with")) ? state.get("with") : "";
  byId("with").addEventListener("change", () => chooseBeside().then(choose).catch(wrong));
  await chooseBeside(state.get("b"));
  time = Number(state.get("s")) || time;
  byId("show").value = state.get("show") === "difference" ? "difference" : "load";
  for (const id of ["one", "other", "show"]) byId(id).addEventListener("change", () => choose().catch(wrong));
  byId("clock").addEventListener("input", () => {
    time = Number(byId("clock").value);
    draw();
  });
  byId("clock").addEventListener("change", () => remember({ s: time }));
  byId("play").addEventListener("click", play);
  byId("direction").addEventListener("change", () => {
    remember({ line: byId("direction").value });
    showLine();
  });
  addEventListener("resize", draw);
  document.addEventListener("themechange", () => choose().catch(wrong));
  for (const [id, act] of [["closer", closer], ["farther", farther], ["busiest", (one) => one.frame(...busiest(scenes[0]))], ["whole", (one) => one.whole()]])
    byId(id).addEventListener("click", () => {
      act(camera);
      moved();
    });
  await choose();
}

function moved() {
  remember({ zoom: camera.isWhole ? null : camera.text });
  draw();
}

// The run that stands beside, and which of its strategies does.
async function chooseBeside(wished = null) {
  const key = byId("with").value;
  beside = null;
  if (key) {
    const said = await otherPeople(key, facts.people);
    beside = { key: said.key, run: key, facts: said, network: await fetched("network", {}, said.key) };
  }
  const names = key ? allRuns.find((one) => one.key === key).strategies : run.strategies;
  byId("other").replaceChildren(...(key ? [] : [element("option", { value: "" }, t("nothing_beside"))]), ...names.map((name) => element("option", { value: name }, labelOf(name, beside?.facts))));
  const usual = key || names.length > 1 ? names[names.length - 1] : "";
  byId("other").value = names.includes(wished) ? wished : wished === "-" && !key ? "" : usual;
}

async function choose() {
  const [one, other] = [byId("one").value, byId("other").value];
  if (!other) byId("show").value = "load";
  byId("show").disabled = !other;
  const show = byId("show").value;
  remember({ a: one, b: other || "-", with: byId("with").value || null, show: show === "load" ? null : show });
  say(t("loading"));
  const here = { key: run.key, run: run.key.split("~")[0], facts, network };
  const shown = [{ ...here, strategy: one }, ...(other ? [{ ...here, ...beside, strategy: other }] : [])];
  const loads = await Promise.all(shown.map(({ key, strategy }) => fetched("loads", { strategy }, key)));
  scenes = loads.map((document, place) => Object.assign(new Scene(shown[place].network, document), shown[place]));
  const hours = loads.flatMap((document) => document.directions.flatMap((d) => [d.first_period * document.period_s, (d.first_period + d.periods) * document.period_s]));
  byId("clock").min = Math.min(...hours, 24 * 3600);
  byId("clock").max = Math.max(...hours, 0);
  time = Math.min(Math.max(time, Number(byId("clock").min)), Number(byId("clock").max));
  byId("clock").value = time;
  layMaps(show === "difference" && scenes.length > 1);
  showDirections();
  await showLines();
  await showParts();
  await showGains();
  await showIndicators();
  say("");
}

function layMaps(difference) {
  const shown = difference ? [{ scene: scenes[0], other: scenes[1], title: t("difference_of", { one: labelOfScene(scenes[1]), other: labelOfScene(scenes[0]) }) }] : scenes.map((scene) => ({ scene, other: null, title: labelOfScene(scene) }));
  maps = shown.map(({ scene, other, title }, place) => {
    const canvas = element("canvas", { role: "img" });
    // As flat as the network, so that a single line leaves no empty page around it.
    canvas.style.height = `${Math.min(Math.max((scene.network.height / scene.network.width) * 36, 8), 26)}rem`;
    const held = element("div", { class: "map-held", tabindex: "0", role: "group", "aria-label": t("map_moves", { what: title }) }, canvas);
    movable(held, canvas, camera, moved);
    const rows = () => [
      ["line_id", "direction_id", "from_stop_id", "to_stop_id", "load_percent"],
      ...scene.segments.map((segment) => {
        const direction = scene.loads.directions[segment.direction];
        const load = scene.loadAt(segment, time);
        return [direction.line_id, direction.direction_id, direction.stop_ids[segment.place], direction.stop_ids[segment.place + 1], load < 0 ? "" : load];
      }),
    ];
    const asSvg = () => {
      const drawn = sceneSvg(scene, time, other, canvas.getAttribute("aria-label"), camera);
      const holder = element("div", {}, drawn);
      drawn.setAttribute("xmlns", "http://www.w3.org/2000/svg");
      const area = drawn.viewBox.baseVal;
      drawn.setAttribute("width", area.width);
      drawn.setAttribute("height", area.height);
      return new XMLSerializer().serializeToString(holder.firstChild);
    };
    return { canvas, scene, other, figure: figure(`map-${place}`, title, held, rows, asSvg) };
  });
  byId("maps").replaceChildren(...maps.map((map) => map.figure));
  byId("maps").classList.toggle("two", maps.length > 1);
  legend(difference);
  draw();
}

function legend(difference) {
  const key = (colour, text) => element("span", {}, svg("svg", { viewBox: "0 0 22 12", "aria-hidden": "true" }, svg("rect", { width: 22, height: 12, rx: 3, class: colour })), text);
  const shown = difference ? [key("l0", t("less_full")), key("l3", t("fuller_there"))] : [0, 1, 2, 3].map((level) => key(`l${level}`, t(`load_${LEVELS[level]}`)));
  byId("legend").replaceChildren(...shown);
}

function draw() {
  byId("clock-shown").textContent = clock(time);
  byId("clock").value = time;
  byId("clock").setAttribute("aria-valuetext", clock(time));
  const hour = Math.floor(time / 3600);
  for (const map of maps) {
    if (map.other) map.other.time = time;
    if (map.scene.hour !== hour && !map.other) loadHour(map.scene, hour);
    map.vehicles = paint(map.canvas, map.scene, time, map.other, camera);
    map.canvas.dataset.vehicles = map.vehicles;
    map.canvas.setAttribute("aria-label", map.scene.fullestAt(time));
  }
  byId("fullest").textContent = maps.length ? maps[0].scene.fullestAt(time) : "";
  byId("farther").disabled = byId("whole").disabled = camera.isWhole;
}

function loadHour(scene, hour) {
  scene.hour = hour;
  const asked = (at) => ["vehicles", { strategy: scene.strategy, hour: at }];
  fetched(...asked(Math.min(hour, 47)), scene.key)
    .then((document) => {
      if (scene.hour !== hour) return;
      scene.setTrips(document);
      draw();
      if (hour < 47) fetched(...asked(hour + 1), scene.key).catch(() => known.delete(api(scene.key, ...asked(hour + 1))));
    })
    .catch(wrong);
}

// Where no motion is wished the button goes on by a period at a time.
function play() {
  if (isStill()) {
    time = Math.min(time + scenes[0].loads.period_s, Number(byId("clock").max));
    return draw();
  }
  playing = !playing;
  byId("play").setAttribute("aria-pressed", String(playing));
  byId("play").textContent = t(playing ? "pause" : "play");
  let before = performance.now();
  const step = (now) => {
    if (!playing) return remember({ s: Math.round(time) });
    time += ((now - before) / 1000) * SPEED;
    before = now;
    if (time >= Number(byId("clock").max)) time = Number(byId("clock").min);
    draw();
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}

const lineName = (id) => network.lines.find((line) => line.line_id === id)?.name ?? id;
const stopName = (id, of = network) => of.stops.name[of.stops.id.indexOf(id)] ?? id;

function directionName(direction) {
  const stops = direction.stop_ids;
  return t("direction_name", { line: lineWords(lineName(direction.line_id), "line_title"), from: stopName(stops[0]), to: stopName(stops[stops.length - 1]) });
}

function showDirections() {
  const directions = scenes[0].loads.directions;
  const before = byId("direction").value || state.get("line");
  byId("direction").replaceChildren(...directions.map((one) => element("option", { value: `${one.line_id}/${one.direction_id}` }, directionName(one))));
  if (directions.some((one) => `${one.line_id}/${one.direction_id}` === before)) byId("direction").value = before;
  showLine();
}

function showLine() {
  const wanted = byId("direction").value;
  const figures = scenes.flatMap((scene, place) => {
    const direction = scene.loads.directions.find((one) => `${one.line_id}/${one.direction_id}` === wanted);
    return direction ? [heatFigure(beside ? `${place}-${scene.strategy}` : scene.strategy, t("run_and_strategy", { run: labelOfScene(scene), strategy: directionName(direction) }), direction, scene.loads.period_s, (id) => stopName(id, scene.network))] : [];
  });
  byId("line-figures").replaceChildren(...figures);
}

function spreadOf(value, unit, digits) {
  if (value === null || value === undefined) return "";
  if (unit === "clock") return `± ${t("minutes", { n: number(value / 60, 1) })}`;
  return `± ${number(unit === "share" ? value * 100 : value, digits)}`;
}

function valueCell(found, unit, digits) {
  const shown = (value) => (unit === "clock" ? clock(value) : unit === "share" ? `${number(value * 100, digits)} %` : number(value, digits));
  return element("td", {}, found?.mean == null ? "–" : shown(found.mean), element("small", {}, spreadOf(found?.half_width, unit, digits)));
}

// A change is called better or worse only where its interval leaves 0 out. That of a share is told in points: 1 % of 5 %
// would be something else.
function changeCell(found, metric, digits) {
  if (found?.difference == null) return element("td", {}, "–");
  const good = metric.better === "lower" ? found.difference < 0 : found.difference > 0;
  const word = !isSure(found) || metric.better === "neither" ? "" : good ? "better" : "worse";
  const shown = (value) => (metric.unit === "clock" ? t("minutes", { n: number(value / 60, 1) }) : metric.unit === "share" ? t("points", { n: number(value * 100, digits) }) : number(value, digits));
  const told = shown(found.difference);
  return element("td", { class: word || null }, `${found.difference > 0 && /[1-9]/.test(told) ? "+" : ""}${told}`, element("small", {}, spreadOf(found.difference_half_width, metric.unit, digits), word ? ` ${t(`better_${word}`)}` : ""));
}

// What stands beside each other in tables: the strategies that are shown, all of a run that shows none.
const columns = () => (scenes.length ? scenes : run.strategies.map((strategy) => ({ key: run.key, run: run.key, strategy, facts })));

// Two runs have draws of their own: the interval of their difference takes them as independent.
function apart(first, second) {
  if (first?.mean == null || second?.mean == null) return null;
  const known = first.half_width != null && second.half_width != null;
  return { difference: second.mean - first.mean, difference_half_width: known ? Math.hypot(first.half_width, second.half_width) : null };
}

function changesOf(shown, valuesOf) {
  if (beside) return [{ label: t("change_of", { one: labelOfScene(shown[1]), other: labelOfScene(shown[0]) }), of: (metric) => apart(valuesOf(metric, shown[0]), valuesOf(metric, shown[1])) }];
  const base = "none";
  const changed = run.strategies.includes(base) ? shown.filter(({ strategy }) => strategy !== base) : [];
  return changed.map((column) => ({ label: t("change_of", { one: labelOf(column.strategy), other: labelOf(base) }), of: (metric) => valuesOf(metric, column) }));
}

function comparedTable(name, title, metrics, valuesOf, kind) {
  const shown = columns();
  const changes = changesOf(shown, valuesOf);
  const head = element("tr", {}, element("th", { scope: "col" }, t("indicator")), [...shown.map(labelOfScene), ...changes.map(({ label }) => label)].map((label) => element("th", { scope: "col" }, label)));
  const rows = metrics
    .filter((metric) => shown.some((column) => valuesOf(metric, column)?.mean != null))
    .map((metric) => {
      const [values, differences] = [shown.map((column) => valuesOf(metric, column)), changes.map(({ of }) => of(metric))];
      const digits = decimalsOf(metric.unit, values, differences);
      return element("tr", {}, element("th", { scope: "row" }, definition(kind, metric)), values.map((found) => valueCell(found, metric.unit, digits)), differences.map((found) => changeCell(found, metric, digits)));
    });
  const table = element("table", {}, element("caption", {}, title), element("thead", {}, head), element("tbody", {}, rows));
  const written = beside ? shown : run.strategies.map((strategy) => ({ key: run.key, run: run.key, strategy }));
  const csv = () => [
    ["indicator", "unit", ...(beside ? ["run"] : []), "strategy", "mean", "half_width", "difference", "difference_half_width"],
    ...metrics.flatMap((metric) => written.map((column) => {
      const found = valuesOf(metric, column) || {};
      return [metric.name, metric.unit, ...(beside ? [column.run] : []), column.strategy, found.mean, found.half_width, found.difference, found.difference_half_width];
    })),
  ];
  return tableBox(name, title, table, csv);
}

// A document of each run that is shown, by the key of the run.
async function documents(view) {
  const keys = [...new Set(columns().map(({ key }) => key))];
  return new Map(await Promise.all(keys.map(async (key) => [key, await fetched(view, {}, key)])));
}

async function showLines() {
  const found = await documents("lines");
  const same = (line) => (one) => one.line_id === line.line_id && one.direction_id === line.direction_id;
  const { indicators, lines } = found.get(run.key);
  byId("lines-table").replaceChildren(
    ...lines.map((line, place) => {
      const direction = scenes[0].loads.directions.find(same(line));
      const name = direction ? directionName(direction) : `${lineName(line.line_id)} ${line.direction_id}`;
      const most = line.most_loaded[scenes[0].strategy];
      const where = most ? t("most_loaded", { stop: stopName(most.stop_id), hour: clock(most.hour * 3600) }) : "";
      const valuesOf = (metric, { key, strategy }) => found.get(key).lines.find(same(line))?.values[strategy]?.[metric.name];
      return element("details", { open: place === 0 }, element("summary", {}, where ? t("line_and_most_loaded", { line: name, most: where }) : name), comparedTable(`line-${place}`, name, indicators, valuesOf, "line_indicator"));
    }),
  );
}

async function showIndicators() {
  const found = await documents("indicators");
  const own = new Map([...found].map(([key, document]) => [key, new Map(document.metrics.map((metric) => [metric.name, metric.values]))]));
  const valuesOf = (metric, { key, strategy }) => own.get(key).get(metric.name)?.[strategy];
  const { metrics } = found.get(run.key);
  const first = metrics.filter((metric) => metric.headline !== null).sort((one, other) => one.headline - other.headline);
  const rest = metrics.filter((metric) => metric.headline === null);
  byId("apart").hidden = !beside;
  byId("indicators").replaceChildren(comparedTable("indicators", t("indicators"), first, valuesOf, "metric"), element("details", {}, element("summary", {}, t("more_indicators")), comparedTable("more-indicators", t("more_indicators"), rest, valuesOf, "metric")));
}

// Of each run that is shown, all strategies that save something; below, those that stand beside each other.
async function showParts() {
  const found = await documents("indicators");
  const partsOf = (key) => found.get(key).parts.map((name) => found.get(key).metrics.find((metric) => metric.name === name)).filter(Boolean);
  const runs = [{ key: run.key, run: run.key.split("~")[0], facts, strategies: run.strategies }];
  if (beside) runs.push({ ...beside, strategies: allRuns.find((one) => one.key === beside.run).strategies });
  const sides = runs
    .map((side) => ({ ...side, parts: partsOf(side.key) }))
    .map((side) => ({ ...side, strategies: side.strategies.filter((name) => name !== "none" && side.parts.some((part) => part.values[name]?.mean != null)) }))
    .filter((side) => side.strategies.length)
    .map((side) => ({ ...side, name: beside ? `parts-${side.run}` : "parts", title: beside ? t("parts_of", { run: side.run }) : t("parts"), labelOf: (name) => labelOf(name, side.facts) }));
  byId("parts").hidden = !sides.length;
  const valuesOf = (metric, { key, strategy }) => partsOf(key).find((part) => part.name === metric.name)?.values[strategy];
  if (sides.length) byId("parts-figures").replaceChildren(...partFigures(sides), comparedTable("parts", t("parts"), sides[0].parts, valuesOf, "metric"));
}

async function showGains() {
  const [gains, indicators] = [await documents("gains"), await documents("indicators")];
  const scene = [...scenes].reverse().find(({ key, strategy }) => gains.get(key).strategies[strategy]);
  byId("gains").hidden = !scene;
  if (scene) byId("gains-figures").replaceChildren(...gainFigures(scene.network, gains.get(scene.key), scene.strategy, labelOfScene(scene), indicators.get(scene.key).classes[scene.strategy] || []));
}

async function showCurves() {
  const { curves } = await fetched("curves");
  byId("curves").hidden = !curves.length;
  byId("curves-figures").replaceChildren(...curveFigures(curves, labelOf, facts.strategies));
}

start().catch(wrong);
