// The commuter's page: a question, the windows that answer it, and the whole period behind them.

import {
  LEVELS, api, begin, blocks, chosenRun, clock, drawMap, element, folded, getJson, lineWords, number, percent, remember, say,
  state, svg, t, wrong,
} from "./common.js";
import { download, figure, figureWide, hourMarks, isNarrow, styledSvgText, tableBox, wholePage } from "./figures.js";
import { Camera, closer, farther, movable } from "./mapview.js";

const MINUTES = [0, 15, 30, 45, 60, 90, 120];
const MOST_FOUND = 12;
const KEPT = 5;
const FIRST_SHOWN = 3;
const LEAST_MONEY = 0.005;
const byId = (id) => document.getElementById(id);

let run = null;
let network = null;
let map = null;
let scores = null;
const chosen = { from: -1, to: -1 };
// What the cards shown say of their places; the card of leaving as usual is another one than that of the window around it.
let takings = [];
let recounts = 0;
let asks = 0;
let shown = null;

async function start() {
  await begin();
  for (const id of ["earlier", "later"])
    byId(id).append(...MINUTES.map((value) => element("option", { value }, t("minutes", { n: value }))));
  ({ run } = await chosenRun());
  if (!run || !run.has_tables) return say(t("error_no_run"));
  network = await getJson(api(run.key, "network"));
  map = drawMap(network, { onStop: tapped, label: t("map") });
  showMap();
  for (const end of ["from", "to"]) searchBox(end);
  byId("swap").addEventListener("click", () => {
    const { from, to } = chosen;
    choose("from", to);
    choose("to", from);
  });
  byId("mail").addEventListener("click", async () => download(`${run.key}.html`, await wholePage(byId("answer-title").textContent), "text/html"));
  byId("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });
  byId("mode").addEventListener("change", showUsual);
  byId("forget").addEventListener("click", () => {
    localStorage.removeItem("journeys");
    showLast();
  });
  readState();
  showLast();
  showBookings();
  if (chosen.from >= 0 && chosen.to >= 0 && state.get("time")) ask();
}

// The map, of which a part can be looked at from near: stops of a city's centre lie too close to be tapped from far.
function showMap() {
  const held = element("div", { class: "map-held", tabindex: "0", role: "group", "aria-label": t("map_moves", { what: t("map") }) }, map.drawn);
  byId("map").append(figure("map", t("map"), held, stopRows, () => styledSvgText(map.drawn)));
  const camera = new Camera();
  const whole = { ...map.area };
  const moved = () => {
    const [width, height] = [whole.width / camera.zoom, whole.height / camera.zoom];
    map.drawn.setAttribute("viewBox", [whole.x + camera.x * whole.width - width / 2, whole.y + camera.y * whole.height - height / 2, width, height].join(" "));
    for (const dot of map.dots) dot.setAttribute("r", map.radius / camera.zoom);
    byId("farther").disabled = byId("whole").disabled = camera.isWhole;
  };
  for (const [id, act] of [["closer", closer], ["farther", farther], ["whole", (one) => one.whole()]])
    byId(id).addEventListener("click", () => {
      act(camera);
      moved();
    });
  movable(held, map.drawn, camera, moved, { choosesByTap: true });
  moved();
}

const stopRows = () => [["stop_id", "name", "x", "y"], ...network.stops.id.map((id, row) => [id, network.stops.name[row], network.stops.x[row], network.stops.y[row]])];

function readState() {
  for (const end of ["from", "to"]) choose(end, network.stops.id.indexOf(state.get(end)));
  byId("mode").value = state.get("mode") === "after" ? "after" : "by";
  byId("time").value = state.get("time") || "08:30";
  byId("usual").value = state.get("usual") || "";
  for (const id of ["earlier", "later"])
    byId(id).value = MINUTES.includes(Number(state.get(id) ?? NaN)) ? state.get(id) : "60";
  showUsual();
}

// Whoever only wishes to leave after some time is asked for no other.
function showUsual() {
  byId("usual-row").hidden = byId("mode").value !== "by";
}

const usualTold = () => (byId("mode").value === "by" ? byId("usual").value : "");

function choose(end, row) {
  chosen[end] = row;
  byId(end).value = row >= 0 ? network.stops.name[row] : "";
  map.dots.forEach((dot, place) => {
    dot.classList.toggle("from", place === chosen.from);
    dot.classList.toggle("to", place === chosen.to);
  });
}

// The first tap is where from, the second where to, and a third begins anew.
function tapped(row) {
  if (chosen.from < 0 || chosen.to >= 0) {
    choose("to", -1);
    choose("from", row);
  } else choose("to", row);
  say(t(chosen.to >= 0 ? "to_is" : "from_is", { stop: network.stops.name[row] }));
}

function searchBox(end) {
  const input = byId(end);
  const list = byId(`${end}-list`);
  const names = network.stops.name.map(folded);
  const ids = network.stops.id.map(folded);
  let found = [];
  let at = -1;
  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    at = -1;
  };
  const mark = (place) => {
    at = place;
    [...list.children].forEach((item, number) => item.setAttribute("aria-selected", String(number === at)));
    if (at < 0) return;
    input.setAttribute("aria-activedescendant", list.children[at].id);
    list.children[at].scrollIntoView({ block: "nearest" });
  };
  const take = (row) => {
    choose(end, row);
    close();
  };
  const look = () => {
    const wanted = folded(input.value.trim());
    chosen[end] = -1;
    const ranked = [];
    for (let row = 0; row < names.length; row++) {
      const place = names[row].indexOf(wanted);
      const rank = names[row] === wanted || ids[row] === wanted ? 0 : place === 0 ? 1 : place > 0 ? 2 : -1;
      if (rank >= 0) ranked.push([rank, row]);
    }
    ranked.sort((one, other) => one[0] - other[0] || one[1] - other[1]);
    found = ranked.slice(0, MOST_FOUND).map(([, row]) => row);
    list.replaceChildren(
      ...found.map((row, place) =>
        element(
          "li",
          {
            role: "option",
            id: `${end}-${place}`,
            "aria-selected": "false",
            onmousedown: (event) => {
              event.preventDefault();
              take(row);
            },
          },
          network.stops.name[row],
        ),
      ),
    );
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(found.length > 0));
    at = -1;
    if (wanted) say(found.length ? t("found", { n: found.length }) : t("found_none"));
  };
  input.addEventListener("input", look);
  input.addEventListener("blur", () => {
    if (chosen[end] < 0 && found.length && input.value.trim()) take(found[0]);
    close();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) look();
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (found.length) mark((at + step + found.length) % found.length);
    } else if (event.key === "Enter" && !list.hidden && found.length) {
      event.preventDefault();
      take(found[Math.max(at, 0)]);
    } else if (event.key === "Escape") close();
  });
}

function question() {
  const by = byId("mode").value === "by";
  return {
    origin: network.stops.id[chosen.from],
    destination: network.stops.id[chosen.to],
    [by ? "arrive_by" : "leave_after"]: byId("time").value,
    earlier: byId("earlier").value,
    later: byId("later").value,
    ...(usualTold() ? { usual: usualTold() } : {}),
  };
}

async function ask() {
  if (chosen.from < 0 || chosen.to < 0) {
    say(t("choose_both"));
    byId(chosen.from < 0 ? "from" : "to").focus();
    return;
  }
  const asked = question();
  remember({
    run: state.get("run"),
    from: asked.origin,
    to: asked.destination,
    mode: byId("mode").value,
    time: byId("time").value,
    earlier: asked.earlier,
    later: asked.later,
    usual: asked.usual || null,
  });
  say(t("asking"));
  byId("answer").hidden = true;
  const turn = ++asks;
  try {
    await uncount(asked);
    const answer = await getJson(api(run.key, "windows", asked));
    // One that was asked for later is what is waited for.
    if (turn !== asks) return;
    show({ ...answer, asked });
    keep(asked);
    say("");
    byId("answer-title").focus();
    await countStay(shown, turn);
  } catch (error) {
    if (turn === asks) wrong(error, { from: nameOf(asked.origin), to: nameOf(asked.destination) });
  }
}

function show(answer) {
  takings = [];
  const within = answer.windows.filter((window) => window.within);
  const usual = answer.windows.find((window) => window.usual);
  const ends = { from: network.stops.name[chosen.from], to: network.stops.name[chosen.to] };
  byId("answer-title").textContent = t("answer_title", ends);
  byId("answer-basis").textContent = t(answer.usual_told ? "basis_told" : "basis", { n: answer.days_observed, usual: usualHours(answer) });
  const cards = within.map((window, place) => card(window, usual, place, answer));
  byId("windows").replaceChildren(...cards.slice(0, FIRST_SHOWN));
  byId("more-windows").replaceChildren(...cards.slice(FIRST_SHOWN));
  byId("more").hidden = cards.length <= FIRST_SHOWN;
  const first = within.find((window) => window.useful);
  byId("verdict").textContent = verdict(first, usual, answer);
  const drawn = chart(answer);
  byId("chart").replaceChildren(figure("period", t("whole_period"), drawn, () => windowRows(answer), () => styledSvgText(drawn)));
  table(answer);
  showScores(answer.strategy).catch(wrong);
  byId("answer").hidden = false;
  shown = answer;
}

// How good such forecasts were: what followers were told on past simulated days beside what happened to them.
async function showScores(strategy) {
  // A question that was not answered is asked again with the next answer.
  scores ??= getJson(api(run.key, "scores")).catch((error) => {
    scores = null;
    throw error;
  });
  const found = (await scores).scores.find((one) => one.strategy === strategy);
  byId("scores").hidden = !found;
  if (!found) return;
  byId("scores-basis").textContent = t("scores_basis", { n: number(found.journeys), days: number(found.days_seen, 1) });
  const sentences = found.events.flatMap((event) => {
    const sure = event.points.filter((point) => point.forecast_share >= 0.85).reduce((best, point) => (!best || point.journeys > best.journeys ? point : best), null);
    return sure ? [t(`scores_${event.name}`, { told: percent(sure.forecast_share), was: percent(sure.happened_share), half: number(sure.half_width_share * 100), n: number(sure.journeys) })] : [];
  });
  sentences.push(t("scores_level", { share: percent(found.level_right_share) }));
  sentences.push(t("scores_time", { n: number(found.time_error_min, 1) }));
  byId("scores-list").replaceChildren(...sentences.map((text) => element("li", {}, text)));
  const rows = found.events.flatMap((event) =>
    event.points.map((point) =>
      element("tr", {}, element("th", { scope: "row" }, t(`score_event_${event.name}`)), element("td", {}, percent(point.forecast_share)), element("td", {}, percent(point.happened_share), element("small", {}, `± ${number(point.half_width_share * 100)}`)), element("td", {}, number(point.journeys))),
    ),
  );
  const heads = ["score_event", "score_told", "score_was", "score_journeys"];
  const told = element("table", {}, element("caption", {}, t("scores")), element("thead", {}, element("tr", {}, heads.map((head) => element("th", { scope: "col" }, t(head))))), element("tbody", {}, rows));
  const written = () => [["event", "forecast_share", "happened_share", "half_width_share", "journeys"], ...found.events.flatMap((event) => event.points.map((point) => [event.name, point.forecast_share, point.happened_share, point.half_width_share, point.journeys]))];
  byId("scores-table").replaceChildren(tableBox("scores", t("scores"), told, written));
}

// Whoever has not said when they usually leave is told the time: others with their wish leave then, and they perhaps not.
function verdict(first, usual, answer) {
  if (answer.keep_between_s.length) return byMoment(first, answer);
  if (first) return t(first.verdict === "better" ? "verdict_move" : "verdict_move_for_all", { first: span(first) });
  if (usual && !usual.has_place) return t("verdict_stay_full", { usual: usualHours(answer) });
  return answer.usual_told ? t("verdict_stay_told") : t("verdict_stay", { usual: usualHours(answer) });
}

// Whoever did not say when they usually leave knows it, and at which moments to keep to it.
function byMoment(first, answer) {
  const keep = answer.keep_between_s.map(([from, until]) => `${clock(from)} – ${clock(until)}`).join(", ");
  const otherwise = span(answer.windows.find((window) => window.window_start_s === answer.else_start_s));
  return t(first ? "verdict_move_unless" : "verdict_stay_if", { keep, otherwise });
}

// From when to when one leaves as usual: one window where it was told, and else all times at which others with the wish do.
const usualHours = (answer) => `${clock(answer.usual_from_s)} – ${clock(answer.usual_until_s)}`;

// Leaving as usual is a card of all these times; that of the vehicle one waits for in their middle where just this is told.
const staysUsual = (window) => window.usual && !window.useful;

const span = (window) => `${clock(window.window_start_s)} – ${clock(window.window_end_s)}`;

const hours = (window, answer) => (staysUsual(window) ? usualHours(answer) : span(window));

function fact(name, value, small = "") {
  return element(
    "div",
    {},
    element("dt", {}, t(name)),
    element("dd", {}, value, small ? element("small", {}, small) : null),
  );
}

function card(window, usual, place, answer) {
  const tags = [t(window.useful && place === 0 && window.verdict === "better" ? "tag_smallest" : `tag_${window.verdict}`)];
  if (staysUsual(window) && !window.has_place) tags.push(t("tag_full"));
  const facts = [fact("door_to_door", t("min", { n: number(window.door_to_door_min) }), spread(window))];
  if (!isOnFoot(window)) facts.push(fact("seat", percent(window.seat_share)), fact("first_vehicle", percent(window.first_vehicle_share)));
  if (window.on_time_share !== null) facts.push(fact("on_time", percent(window.on_time_share)));
  if (faresDiffer(answer)) facts.push(fact("fare", money(window.fare, answer), fareAgainstUsual(window, usual)));
  facts.push(fact("sure", t(`sure_${window.sureness}`), t("sure_days", { n: answer.days_observed })));
  facts.push(fact("others", othersWords(window, usual)));
  return element(
    "li",
    { class: place === 0 ? "window first" : "window" },
    element(
      "div",
      { class: "head" },
      element("h3", { class: "time" }, hours(window, answer)),
      element("span", { class: "tag" }, shiftWords(window)),
      tags.map((tag) => element("span", { class: "tag" }, tag)),
    ),
    vehicleWords(window, answer),
    element(
      "div",
      { class: "crowd" },
      isOnFoot(window) ? null : [blocks(window.level), element("strong", {}, t(`level_${LEVELS[window.level]}`))],
      element("span", { class: "quiet" }, againstUsual(window, usual)),
    ),
    element("dl", { class: "facts" }, facts),
    element("p", { class: "why" }, why(window, usual, answer)),
    taking(window, answer),
  );
}

// A fare is told only where it is known and is not the same whenever one leaves.
function faresDiffer(answer) {
  const fares = answer.windows.map((window) => window.fare);
  return !fares.includes(null) && Math.max(...fares) - Math.min(...fares) >= LEAST_MONEY;
}

const money = (amount, answer) => t("fare_value", { n: number(amount, 2), currency: answer.currency }).trim();

function fareAgainstUsual(window, usual) {
  const change = window.fare - usual.fare;
  if (Math.abs(change) < LEAST_MONEY) return "";
  return t(change < 0 ? "fare_cheaper" : "fare_dearer", { n: number(Math.abs(change), 2) });
}

function vehicleWords(window, answer) {
  if (isOnFoot(window)) return element("p", {}, t("on_foot"));
  if (window.vehicle_due_s === null) return null;
  const values = {
    line: lineWords(answer.lines[window.line] || window.line),
    stop: nameOf(window.board_stop),
    time: clock(window.vehicle_due_s),
    chance: percent(window.vehicle_share),
  };
  return element("p", {}, t("vehicle", values));
}

// Whoever finds no vehicle has none to aim for either.
const isOnFoot = (window) => window.vehicle_due_s === null && window.lost_share < 1;

const nameOf = (id) => network.stops.name[network.stops.id.indexOf(id)] ?? id;

// People who leave then anyhow keep a place of their own where none is left for others.
const leftWords = (window) => (isOnFoot(window) ? "" : t(window.has_place && !window.places_left ? "place_kept" : "places_left", { n: number(window.places_left) }));

const wordsTaken = (window, booked) => (!booked.has_place ? "taken_without" : isOnFoot(window) ? "taken_on_foot" : "taken");

const wordsCounted = (booked) => (booked.has_place ? "counted" : "counted_without");

// Taking a place: the server counts it and gives a random number, which stays on this device.
function taking(window, answer) {
  const button = element("button", { type: "button", class: "act" }, t("take"));
  const told = element("p", { class: "quiet" }, leftWords(window));
  const own = { window, button, told, booking: null, says: "" };
  takings.push(own);
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const booked = await book(window, answer);
      listBooking(booked, window, answer);
      await uncount(answer.asked);
      Object.assign(own, { booking: booked.booking_id, says: wordsTaken(window, booked) });
      told.textContent = t(own.says, { n: number(booked.places_left) });
      say(told.textContent);
      await recount(answer);
    } catch (error) {
      button.disabled = false;
      wrong(error);
    }
  });
  return element("div", { class: "taking" }, button, told);
}

function book(window, answer) {
  const { earlier, later, ...ends } = answer.asked;
  const wish = { ...ends, earlier: Number(earlier), later: Number(later), window_start_s: window.window_start_s, as_usual: staysUsual(window) };
  return getJson(api(run.key, "bookings"), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(wish),
  });
}

// Whoever is told to leave as usual does so and presses nothing. Not counted they would leave those times looking emptier
// than they will be, and at a bottleneck all would be told the same (tests/browser/test_counting_who_stays.py).
async function countStay(answer, turn) {
  const first = answer.windows.find((window) => window.within);
  const card = takings.find((one) => one.window === first);
  const depends = answer.keep_between_s.length > 0;
  if (!card || depends || !staysUsual(first) || isOnFoot(first) || ownBookings(answer.asked).length) return;
  // The button stays where the server refuses.
  const booked = await book(first, answer).catch(() => null);
  if (!booked) return;
  if (turn !== asks || ownBookings(answer.asked).length) return free(booked.booking_id);
  listBooking(booked, first, answer, { counted: true });
  card.button.hidden = true;
  Object.assign(card, { booking: booked.booking_id, says: wordsCounted(booked) });
  await recount(answer);
}

// They are counted anew with every answer, and not where they take a time after all. What the server does not free stays
// in the list, where it can be given back.
async function uncount(asked) {
  for (const booking of ownBookings(asked).filter((one) => one.counted))
    await free(booking.id).then(() => forgetBooking(booking)).catch(() => null);
}

// A booking and what is given back change what other windows have left that lead to the same vehicles. The cards stay
// where they are: whoever has just taken a time would lose it from sight.
async function recount(answer) {
  const turn = ++recounts;
  byId("answer").ariaBusy = "true";
  // Without an answer the numbers stay as they were told.
  const now = await getJson(api(run.key, "windows", answer.asked)).catch(() => ({ windows: [] }));
  // One that was asked for later knows more, also where it comes first.
  if (turn !== recounts) return;
  const same = (one, other) => one.window_start_s === other.window_start_s && staysUsual(one) === staysUsual(other);
  for (const window of now.windows) {
    const known = answer.windows.find((one) => same(one, window));
    if (known) Object.assign(known, { places_left: window.places_left, has_place: window.has_place });
    const card = takings.find((one) => one.window === known);
    if (card) card.told.textContent = card.booking ? t(card.says, { n: number(window.places_left) }) : leftWords(window);
  }
  byId("answer").ariaBusy = "false";
}

function bookings() {
  try {
    const kept = JSON.parse(localStorage.getItem("bookings") || "[]");
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}

// Those of the journey that is asked about.
const ownBookings = (asked) => bookings().filter((one) => one.run === run.key && one.from === asked.origin && one.to === asked.destination);

function listBooking(booked, window, answer, more = {}) {
  const { origin, destination } = answer.asked;
  const booking = { run: run.key, id: booked.booking_id, window: hours(window, answer), from: origin, to: destination, ...more };
  localStorage.setItem("bookings", JSON.stringify([booking, ...bookings()]));
  showBookings();
}

function showBookings() {
  const own = bookings().filter((booking) => booking.run === run.key);
  byId("taken").hidden = !own.length;
  byId("taken-list").replaceChildren(
    ...own.map((booking) =>
      element(
        "li",
        {},
        `${nameOf(booking.from)} → ${nameOf(booking.to)}, ${booking.window} `,
        element(
          "button",
          { type: "button", onclick: () => giveBack(booking), "aria-label": t("give_back_what", { window: booking.window }) },
          t("give_back"),
        ),
      ),
    ),
  );
}

async function giveBack(booking) {
  try {
    await free(booking.id);
  } catch (error) {
    return wrong(error);
  }
  forgetBooking(booking);
  say(t("given_back"));
  byId("status").scrollIntoView({ block: "nearest" });
  if (shown) await recount(shown);
}

async function free(id) {
  try {
    await getJson(api(run.key, `bookings/${encodeURIComponent(id)}`), { method: "DELETE" });
  } catch (error) {
    // A server that was started anew holds no bookings: there is nothing to give back.
    if (error.status !== 404) throw error;
  }
}

// What was given back stands no more in the list, nor on its card.
function forgetBooking(booking) {
  localStorage.setItem("bookings", JSON.stringify(bookings().filter((one) => one.id !== booking.id)));
  showBookings();
  const card = takings.find((one) => one.booking === booking.id);
  if (!card) return;
  card.booking = null;
  card.button.disabled = card.button.hidden = false;
  card.told.textContent = t("given_back");
}

// Twice the standard deviation to both sides, but nobody is there sooner than without a wait: few long waits make it wide.
function spread(window) {
  const low = Math.max(window.door_to_door_min - 2 * window.door_to_door_sd_min, window.door_to_door_min - window.wait_min);
  return t("mostly", { low: number(low), high: number(window.door_to_door_min + 2 * window.door_to_door_sd_min) });
}

function shiftWords(window) {
  const shift = window.shift_min;
  if (!shift) return t(staysUsual(window) ? "shift_none" : "shift_around");
  return t(shift < 0 ? "shift_earlier" : "shift_later", { n: number(Math.abs(shift)) });
}

function againstUsual(window, usual) {
  if (window.usual) return staysUsual(window) ? t("this_is_usual") : "";
  const points = Math.round((window.load_factor - usual.load_factor) * 100);
  if (Math.abs(points) < 3) return t("as_usual");
  return t(points < 0 ? "emptier" : "fuller", { n: Math.abs(points) });
}

function othersWords(window, usual) {
  const change = window.others_cost_min - usual.others_cost_min;
  if (window.usual) return t("others_usual", { n: number(window.others_cost_min, 1) });
  if (Math.abs(change) < 0.05) return t("others_same");
  return t(change < 0 ? "others_save" : "others_cost", { n: number(Math.abs(change), 1) });
}

// How long before the time wished one is there; a window may be better for that alone.
function minutesEarly(window, answer) {
  const leaves = (window.window_start_s + window.window_end_s) / 2;
  return Math.max(0, (answer.arrive_by_s - leaves) / 60 - window.door_to_door_min);
}

// One sentence on why: what is gained against usual, and what it costs.
function why(window, usual, answer) {
  if (staysUsual(window)) return t(answer.usual_told ? "why_usual_told" : "why_usual");
  if (window.usual) return t(window.verdict === "better" ? "why_usual_moment" : "why_usual_moment_for_all", { n: number(window.gain_min) });
  const gains = [];
  const costs = [];
  const put = (change, least, better, worse, shown) => {
    if (change <= -least) gains.push(t(better, { n: shown }));
    else if (change >= least) costs.push(t(worse, { n: shown }));
  };
  const rides = window.door_to_door_min - usual.door_to_door_min;
  put(rides, 1, "why_shorter", "why_longer", number(Math.abs(rides)));
  const load = (window.load_factor - usual.load_factor) * 100;
  put(load, 3, "why_emptier", "why_fuller", number(Math.abs(load)));
  const denied = (window.denied_share - usual.denied_share) * 100;
  put(denied, 3, "why_less_left", "why_more_left", number(Math.abs(denied)));
  if (answer.arrive_by_s !== null) {
    const early = minutesEarly(window, answer) - minutesEarly(usual, answer);
    put(early, 1, "why_less_early", "why_earlier", number(Math.abs(early)));
    const late = (usual.on_time_share - window.on_time_share) * 100;
    put(late, 5, "why_more_on_time", "why_less_on_time", number(Math.abs(late)));
  }
  if (faresDiffer(answer)) {
    const paid = window.fare - usual.fare;
    if (Math.abs(paid) >= LEAST_MONEY) (paid < 0 ? gains : costs).push(t(paid < 0 ? "why_cheaper" : "why_dearer", { n: number(Math.abs(paid), 2), currency: answer.currency }).trim());
  }
  const joined = (parts) => parts.join(t("comma"));
  if (gains.length && costs.length) return t("why_both", { gains: joined(gains), costs: joined(costs) });
  if (gains.length) return t("why_gains", { gains: joined(gains) });
  if (costs.length) return t("why_costs", { costs: joined(costs) });
  return t("why_alike");
}

// Bars of how full the vehicle is at its worst part, window by window; those out of reach are pale. Of narrow windows those
// that lead to the vehicle of a later one are no answers: the bar of that one reaches back over them.
function chart(answer) {
  const windows = [...answer.windows].sort((one, other) => one.window_start_s - other.window_start_s);
  const wide = figureWide(640);
  // What the axis says takes a line for each of its parts where there is no room for all.
  const said = isNarrow(wide) ? t("chart_axis").split(/(?<=[;；])\s*/) : [t("chart_axis")];
  const [left, foot, top] = [38, 20 + 14 * said.length, 14];
  const high = 176 + foot;
  const first = windows[0].window_start_s;
  const last = windows[windows.length - 1].window_end_s;
  const scaleX = (s) => left + ((s - first) / (last - first)) * (wide - left - 6);
  const scaleY = (share) => high - foot - Math.min(share, 1.05) * ((high - foot - top) / 1.05);
  const drawn = svg("svg", { viewBox: `0 0 ${wide} ${high}`, class: "chart", role: "img", "aria-label": chartWords(windows) });
  for (const share of [0, 0.25, 0.5, 0.75, 1])
    drawn.append(
      svg("path", { d: `M${left} ${scaleY(share)}H${wide - 6}`, class: "axis", "stroke-opacity": share ? 0.3 : 1 }),
      svg("text", { x: left - 4, y: scaleY(share) + 4, "text-anchor": "end" }, number(share * 100)),
    );
  for (const [place, window] of windows.entries()) {
    const x = scaleX(place ? windows[place - 1].window_end_s : window.window_start_s);
    const wideBar = scaleX(window.window_end_s) - x;
    const bar = wideBar - Math.min(2, wideBar * 0.2);
    const middle = scaleX((window.window_start_s + window.window_end_s) / 2);
    drawn.append(
      svg(
        "rect",
        { x, y: scaleY(window.load_factor), width: bar, height: high - foot - scaleY(window.load_factor), class: `l${window.level}${window.within ? "" : " out"}` },
        svg("title", {}, `${span(window)}: ${t(`level_${LEVELS[window.level]}`)}`),
      ),
    );
    if (window.usual) drawn.append(svg("text", { x: middle, y: top - 3, "text-anchor": "middle" }, t("tag_usual")));
    if (window.usual) drawn.append(svg("path", { d: `M${middle} ${top}V${high - foot}`, class: "axis", "stroke-dasharray": "3 3" }));
  }
  for (const time of hourMarks(first, last, wide - left - 6, 0.5))
    drawn.append(svg("text", { x: Math.min(scaleX(time), wide - 16), y: high - foot + 15, "text-anchor": "middle" }, clock(time)));
  said.forEach((part, place) => drawn.append(svg("text", { x: isNarrow(wide) ? 4 : left, y: high - 4 - 14 * (said.length - 1 - place) }, part)));
  return drawn;
}

function chartWords(windows) {
  const fullest = windows.reduce((most, window) => (window.load_factor > most.load_factor ? window : most));
  const emptiest = windows.reduce((least, window) => (window.load_factor < least.load_factor ? window : least));
  return t("chart_words", { full: span(fullest), empty: span(emptiest) });
}

function table(answer) {
  const windows = [...answer.windows].sort((one, other) => one.window_start_s - other.window_start_s);
  const onTime = answer.arrive_by_s !== null;
  const withFare = faresDiffer(answer);
  const heads = ["window", "door_to_door", "crowding", "load_percent", "first_vehicle", ...(onTime ? ["on_time"] : []), ...(withFare ? ["fare"] : [])];
  const rows = windows.map((window) =>
    element(
      "tr",
      { class: window.usual ? "usual" : null },
      element("th", { scope: "row" }, span(window), window.usual ? ` (${t("tag_usual")})` : ""),
      element("td", {}, `${number(window.door_to_door_min)} ± ${number(2 * window.door_to_door_sd_min)}`),
      element("td", {}, t(`level_${LEVELS[window.level]}`)),
      element("td", {}, percent(window.load_factor)),
      element("td", {}, percent(window.first_vehicle_share)),
      onTime ? element("td", {}, percent(window.on_time_share)) : null,
      withFare ? element("td", {}, money(window.fare, answer)) : null,
    ),
  );
  const whole = element(
    "table",
    {},
    element("caption", {}, t("whole_period")),
    element("thead", {}, element("tr", {}, heads.map((head) => element("th", { scope: "col" }, t(head))))),
    element("tbody", {}, rows),
  );
  byId("table").replaceChildren(tableBox("windows", t("whole_period"), whole, () => windowRows(answer)));
}

// All that is known of the windows, in the order of the day.
const WRITTEN = ["shift_min", "within", "usual", "useful", "verdict", "line", "board_stop", "vehicle_share", "door_to_door_min", "door_to_door_sd_min", "wait_min", "load_factor", "seat_share", "first_vehicle_share", "denied_share", "on_time_share", "generalized_cost_min", "others_cost_min", "fare", "places_left", "has_place", "sureness"];

function windowRows(answer) {
  const windows = [...answer.windows].sort((one, other) => one.window_start_s - other.window_start_s);
  const due = (window) => (window.vehicle_due_s === null ? "" : clock(window.vehicle_due_s));
  return [["window_start", "window_end", "vehicle_due", ...WRITTEN], ...windows.map((window) => [clock(window.window_start_s), clock(window.window_end_s), due(window), ...WRITTEN.map((name) => window[name])])];
}

// The last journeys stay on the device: the server is never told of them.
function lastJourneys() {
  try {
    const kept = JSON.parse(localStorage.getItem("journeys") || "[]");
    return Array.isArray(kept) ? kept.filter((one) => one.run === run.key) : [];
  } catch {
    return [];
  }
}

function keep(asked) {
  const own = { run: run.key, origin: asked.origin, destination: asked.destination };
  const others = lastJourneys().filter((one) => one.origin !== own.origin || one.destination !== own.destination);
  localStorage.setItem("journeys", JSON.stringify([own, ...others].slice(0, KEPT)));
  showLast();
}

function showLast() {
  const journeys = lastJourneys()
    .map((one) => [network.stops.id.indexOf(one.origin), network.stops.id.indexOf(one.destination)])
    .filter(([from, to]) => from >= 0 && to >= 0);
  byId("last").hidden = !journeys.length;
  byId("last-list").replaceChildren(
    ...journeys.map(([from, to]) =>
      element(
        "li",
        {},
        element(
          "button",
          {
            type: "button",
            onclick: () => {
              choose("from", from);
              choose("to", to);
              ask();
            },
          },
          `${network.stops.name[from]} → ${network.stops.name[to]}`,
        ),
      ),
    ),
  );
}

start().catch(wrong);
