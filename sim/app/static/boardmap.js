// The map of the board: loads as strokes, vehicles as squares that move, on canvas for the eye and as SVG to take away.

import { clock, levelOf, lineWords, number, svg, t } from "./common.js";
import { WHOLE } from "./mapview.js";
import { colours } from "./figures.js";
import { busiestPart, labelsOf } from "./maplabels.js";

const WIDE = 900;
const FONT = "system-ui, sans-serif";

// What is drawn at a time, in the coordinates of the network: strokes and squares.
export class Scene {
  constructor(network, loads, stripes) {
    this.network = network;
    this.loads = loads;
    this.stripes = stripes;
    this.row = new Map(network.stops.id.map((id, row) => [id, row]));
    this.trips = [];
    this.segments = loads ? this.#segments() : [];
    this.typical = this.#typical();
  }

  // Neighbouring stops of each direction, with the unit vector to the right of it: both ways are drawn, each on its side.
  #segments() {
    const { x, y } = this.network.stops;
    const found = [];
    this.loads.directions.forEach((direction, number) => {
      for (let place = 0; place + 1 < direction.stop_ids.length; place++) {
        const from = this.row.get(direction.stop_ids[place]);
        const to = this.row.get(direction.stop_ids[place + 1]);
        if (from === undefined || to === undefined) continue;
        const length = Math.hypot(x[to] - x[from], y[to] - y[from]) || 1;
        found.push({ direction: number, place, from, to, length, aside: [-(y[to] - y[from]) / length, (x[to] - x[from]) / length] });
      }
    });
    return found;
  }

  // The usual distance of neighbouring stops: what is drawn is as large as it leaves room for.
  #typical() {
    const lengths = this.segments.map((segment) => segment.length).sort((one, other) => one - other);
    return lengths.length ? lengths[lengths.length >> 1] : this.network.width / 20;
  }

  // Load in per cent of capacity on a segment at a time; -1 where no vehicle ran.
  loadAt(segment, time) {
    const direction = this.loads.directions[segment.direction];
    const column = Math.floor(time / this.loads.period_s) - direction.first_period;
    if (column < 0 || column >= direction.periods) return -1;
    return direction.load_percent[segment.place * direction.periods + column];
  }

  setTrips(document) {
    this.trips = document.trips.map((numbers) => {
      const stops = (numbers.length - 5) / 4;
      const trip = { capacity: numbers[2], row: new Int32Array(stops), come: new Float64Array(stops), go: new Float64Array(stops), load: new Int32Array(stops) };
      let time = numbers[4];
      for (let place = 0, at = 5; place < stops; place++, at += 4) {
        trip.row[place] = numbers[at];
        trip.come[place] = time += numbers[at + 1];
        trip.go[place] = time += numbers[at + 2];
        trip.load[place] = numbers[at + 3];
      }
      return trip;
    });
  }

  // Where vehicles are: x, y and level, three numbers each. The same room is used for every frame.
  vehiclesAt(time, aside) {
    const { x, y } = this.network.stops;
    if (!this.dots || this.dots.length < 3 * this.trips.length) this.dots = new Float32Array(3 * this.trips.length);
    const dots = this.dots;
    let count = 0;
    for (const trip of this.trips) {
      const { row, come, go } = trip;
      const last = row.length - 1;
      if (time < come[0] || time > go[last]) continue;
      // Vehicles are mostly where they were a frame ago, or one stop on.
      let at = trip.at ?? 0;
      while (at > 0 && come[at] > time) at--;
      while (at < last && come[at + 1] <= time) at++;
      trip.at = at;
      const from = row[at];
      if (from < 0) continue;
      let px = x[from];
      let py = y[from];
      if (at < last && time > go[at] && row[at + 1] >= 0) {
        const dx = x[row[at + 1]] - px;
        const dy = y[row[at + 1]] - py;
        const share = (time - go[at]) / (come[at + 1] - go[at] || 1);
        const length = Math.sqrt(dx * dx + dy * dy) || 1;
        px += dx * share - (dy / length) * aside;
        py += dy * share + (dx / length) * aside;
      }
      dots[count] = px;
      dots[count + 1] = py;
      dots[count + 2] = levelOf(trip.load[at] / (trip.capacity || 1));
      count += 3;
    }
    return dots.subarray(0, count);
  }

  strokesAt(time, other, { aside, thin }) {
    const c = colours();
    const { x, y } = this.network.stops;
    return this.segments.map((segment) => {
      const [dx, dy] = [segment.aside[0] * aside, segment.aside[1] * aside];
      const at = [x[segment.from] + dx, y[segment.from] + dy, x[segment.to] + dx, y[segment.to] + dy];
      const load = this.loadAt(segment, time);
      if (!other) return { at, colour: load < 0 ? c.rule : c.levels[levelOf(load / 100)], width: thin * (load < 0 ? 2 : 3 + load / 16) };
      const twin = other.twin(segment, this);
      const change = load < 0 || twin < 0 ? null : twin - load;
      if (change === null || Math.abs(change) < 2) return { at, colour: c.rule, width: thin * 2.5 };
      return { at, colour: change < 0 ? c.less : c.more, width: thin * (3 + Math.min(Math.abs(change), 50) / 6) };
    });
  }

  // Load of the same place in this scene at the time the other one shows.
  twin(segment, scene) {
    const own = scene.loads.directions[segment.direction];
    this.index ??= new Map(this.segments.map((one) => [this.#key(this.loads.directions[one.direction], one.place), one]));
    const found = this.index.get(this.#key(own, segment.place));
    return found ? this.loadAt(found, this.time) : -1;
  }

  #key(direction, place) {
    return `${direction.line_id}\n${direction.direction_id}\n${direction.stop_ids[place]}\n${direction.stop_ids[place + 1]}`;
  }

  fullestSegment(time) {
    let best = null;
    for (const segment of this.segments) {
      const load = this.loadAt(segment, time);
      if (load >= 0 && (!best || load > best.load)) best = { load, segment };
    }
    return best;
  }

  fullestAt(time) {
    const best = this.fullestSegment(time);
    if (!best) return t("no_vehicle", { time: clock(time) });
    const direction = this.loads.directions[best.segment.direction];
    const line = this.network.lines.find((one) => one.line_id === direction.line_id);
    return t("fullest_at", {
      time: clock(time),
      line: lineWords(line ? line.name : direction.line_id),
      from: this.network.stops.name[best.segment.from],
      to: this.network.stops.name[best.segment.to],
      load: number(best.load),
    });
  }
}

function box(network) {
  const pad = network.width * 0.04;
  const height = Math.max(network.height, network.width * 0.1);
  return { x: -pad, y: -pad - (height - network.height) / 2, width: network.width + 2 * pad, height: height + 2 * pad };
}

// Where most people board, as edges of the map in shares.
export const busiest = (scene) => busiestPart(scene, box(scene.network));

// How the coordinates of a network become those of a picture, and how large things are drawn on it.
function laid(scene, wide, high, ratio, camera) {
  const area = box(scene.network);
  const scale = Math.min(wide / area.width, high / area.height) * camera.zoom;
  const room = (scene.typical * scale) / ratio;
  const between = (least, value, most) => Math.min(Math.max(value, least), most);
  return {
    ratio, scale, wide, high,
    x: wide / 2 - (area.x + camera.x * area.width) * scale,
    y: high / 2 - (area.y + camera.y * area.height) * scale,
    side: between(3, room * 0.45, 10),
    thin: between(0.35, room / 24, 1),
    aside: (between(1.2, room * 0.18, 6) * ratio) / scale,
  };
}

const MANY = 2000;

// What lies under the vehicles: it changes with the period alone, and is painted once for all frames of it.
function backdrop(canvas, scene, time, other, c, place, camera) {
  const key = [canvas.width, canvas.height, camera.text, scene.loads ? Math.floor(time / scene.loads.period_s) : 0, c.ink, c.panel].join();
  const known = canvas.backdrop;
  if (known && known.key === key && known.scene === scene && known.other === other) return known;
  const drawn = document.createElement("canvas");
  [drawn.width, drawn.height] = [canvas.width, canvas.height];
  const pen = drawn.getContext("2d", { willReadFrequently: true });
  pen.lineCap = "round";
  for (const stroke of scene.strokesAt(time, other, place)) {
    pen.strokeStyle = stroke.colour;
    pen.lineWidth = stroke.width * place.ratio;
    pen.beginPath();
    pen.moveTo(stroke.at[0] * place.scale + place.x, stroke.at[1] * place.scale + place.y);
    pen.lineTo(stroke.at[2] * place.scale + place.x, stroke.at[3] * place.scale + place.y);
    pen.stroke();
  }
  pen.fillStyle = c.quiet;
  const { x, y } = scene.network.stops;
  const dot = Math.min(2.5, place.side / 3) * place.ratio;
  for (let row = 0; row < x.length; row++) pen.fillRect(x[row] * place.scale + place.x - dot / 2, y[row] * place.scale + place.y - dot / 2, dot, dot);
  canvas.backdrop = { key, scene, other, drawn, names: namesOver(scene, time, c, place), pixels: null };
  return canvas.backdrop;
}

// Names of stops, over the vehicles.
function namesOver(scene, time, c, place) {
  const drawn = document.createElement("canvas");
  [drawn.width, drawn.height] = [place.wide, place.high];
  const pen = drawn.getContext("2d");
  pen.font = `${11 * place.ratio}px ${FONT}`;
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  pen.lineWidth = 3 * place.ratio;
  for (const label of labelsOf(scene, time, place, pen)) {
    pen.strokeStyle = c.panel;
    pen.strokeText(label.text, label.x, label.y);
    pen.fillStyle = c.ink;
    pen.fillText(label.text, label.x, label.y);
  }
  return drawn;
}

export function paint(canvas, scene, time, other, camera = WHOLE) {
  const shown = canvas.getBoundingClientRect();
  const ratio = devicePixelRatio || 1;
  const [wide, high] = [Math.max(1, Math.round(shown.width * ratio)), Math.max(1, Math.round(shown.height * ratio))];
  if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
  const place = laid(scene, wide, high, ratio, camera);
  const dots = other ? [] : scene.vehiclesAt(time, place.aside);
  const pen = canvas.getContext("2d");
  const c = colours();
  const under = backdrop(canvas, scene, time, other, c, place, camera);
  if (dots.length / 3 > MANY) paintPixels(pen, under, dots, c, place);
  else {
    pen.clearRect(0, 0, wide, high);
    pen.drawImage(under.drawn, 0, 0);
    paintSquares(pen, dots, c, place);
  }
  pen.drawImage(under.names, 0, 0);
  return dots.length / 3;
}

function paintSquares(pen, dots, c, { ratio, scale, x, y, side: wished }) {
  const side = wished * ratio;
  const rim = wished < 6 ? 0 : ratio;
  // One colour at a time: a change of colour costs more than a square.
  for (let level = 0; level < 5; level++) {
    pen.fillStyle = c.ink;
    for (let at = 0; rim && at < dots.length; at += 3)
      if (dots[at + 2] === level) pen.fillRect(dots[at] * scale + x - side / 2 - rim, dots[at + 1] * scale + y - side / 2 - rim, side + 2 * rim, side + 2 * rim);
    pen.fillStyle = c.levels[level];
    for (let at = 0; at < dots.length; at += 3)
      if (dots[at + 2] === level) pen.fillRect(dots[at] * scale + x - side / 2, dots[at + 1] * scale + y - side / 2, side, side);
  }
}

// So many vehicles are put into the picture point by point: 10,000 calls of the canvas would take longer than a frame.
function paintPixels(pen, under, dots, c, { ratio, scale, x, y, side }) {
  const { width, height } = under.drawn;
  under.pixels ??= new Uint32Array(under.drawn.getContext("2d").getImageData(0, 0, width, height).data.buffer);
  under.frame ??= pen.createImageData(width, height);
  const points = new Uint32Array(under.frame.data.buffer);
  points.set(under.pixels);
  const fills = c.levels.map(pixelOf);
  const wide = 2 * Math.max(1, Math.round((side * ratio) / 3));
  for (let at = 0; at < dots.length; at += 3) {
    const [middle, across] = [dots[at] * scale + x, dots[at + 1] * scale + y];
    // Beyond the picture of a part of the network.
    if (middle < 0 || middle > width || across < 0 || across > height) continue;
    const left = Math.min(Math.max(Math.round(middle - wide / 2), 0), Math.max(width - wide, 0));
    const top = Math.min(Math.max(Math.round(across - wide / 2), 0), Math.max(height - wide, 0));
    const fill = fills[dots[at + 2]];
    const bottom = Math.min(top + wide, height);
    for (let row = top; row < bottom; row++) {
      const end = row * width + Math.min(left + wide, width);
      for (let point = row * width + left; point < end; point++) points[point] = fill;
    }
  }
  pen.putImageData(under.frame, 0, 0);
}

// A colour as a point of a picture has it: #rrggbb, lowest byte first.
function pixelOf(colour) {
  const value = parseInt(colour.slice(1), 16);
  return (0xff000000 | ((value & 0xff) << 16) | (value & 0xff00) | (value >> 16)) >>> 0;
}

export function sceneSvg(scene, time, other, label, camera = WHOLE) {
  const area = box(scene.network);
  const high = Math.round((area.height * WIDE) / area.width);
  const c = colours();
  const place = laid(scene, WIDE, high, 1, camera);
  const put = (px, py) => [(px * place.scale + place.x).toFixed(1), (py * place.scale + place.y).toFixed(1)];
  const drawn = svg("svg", { viewBox: `0 0 ${WIDE} ${high}`, role: "img", "aria-label": label, "font-family": FONT, "font-size": 11 });
  for (const { at, colour, width } of scene.strokesAt(time, other, place)) {
    const [x1, y1] = put(at[0], at[1]);
    const [x2, y2] = put(at[2], at[3]);
    drawn.append(svg("line", { x1, y1, x2, y2, stroke: colour, "stroke-width": width.toFixed(1), "stroke-linecap": "round" }));
  }
  const dots = other ? [] : scene.vehiclesAt(time, place.aside);
  const half = place.side / 2;
  for (let at = 0; at < dots.length; at += 3) {
    const [x, y] = put(dots[at], dots[at + 1]);
    drawn.append(svg("rect", { x: (x - half).toFixed(1), y: (y - half).toFixed(1), width: place.side.toFixed(1), height: place.side.toFixed(1), fill: c.levels[dots[at + 2]], stroke: place.side < 6 ? null : c.ink }));
  }
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `11px ${FONT}`;
  for (const { text, x, y } of labelsOf(scene, time, place, pen))
    drawn.append(svg("text", { x: x.toFixed(1), y: (y + 4).toFixed(1), fill: c.ink, stroke: c.panel, "stroke-width": 3, "paint-order": "stroke" }, text));
  return drawn;
}
