// Names of stops on a map: those that are spoken of first, then the busiest, as many as fit without touching each other.

const AREA = 6000; // of the map for one name, in points of the screen
const LONGEST = 22;
const HIGH = 13;

// Boardings by stop over the day, which say what stops to name first.
function weights(scene) {
  const found = new Float64Array(scene.network.stops.id.length);
  for (const direction of scene.loads?.directions ?? [])
    direction.stop_ids.forEach((id, place) => {
      const row = scene.row.get(id);
      if (row === undefined) return;
      for (let column = 0; column < direction.periods; column++) found[row] += direction.boardings[place * direction.periods + column];
    });
  return found;
}

// The edges of the part of the network where most people board: a tenth of them does so beyond each edge.
const BEYOND = 0.1;

export function busiestPart(scene, area) {
  const weight = (scene.weights ??= weights(scene));
  const total = weight.reduce((sum, one) => sum + one, 0);
  const edges = (axis, from, size) => {
    const rows = [...axis.keys()].sort((one, other) => axis[one] - axis[other]);
    const at = (share) => {
      let sum = 0;
      return axis[rows.find((row) => (sum += weight[row]) >= share * total) ?? rows[0]];
    };
    const [low, high] = [(at(BEYOND) - from) / size, (at(1 - BEYOND) - from) / size];
    const room = (high - low) * BEYOND;
    return [low - room, high + room];
  };
  const [left, right] = edges(scene.network.stops.x, area.x, area.width);
  const [top, bottom] = edges(scene.network.stops.y, area.y, area.height);
  return [left, top, right, bottom];
}

// Whether lines pass a stop from side to side, so that a name beside it would lie on them.
function isPassedAcross(scene) {
  const { x, y } = scene.network.stops;
  const [across, down] = [new Float64Array(x.length), new Float64Array(x.length)];
  for (const { from, to } of scene.segments)
    for (const row of [from, to]) {
      across[row] += Math.abs(x[to] - x[from]);
      down[row] += Math.abs(y[to] - y[from]);
    }
  return (row) => across[row] > down[row];
}

// Texts and where they begin, in points of the picture.
export function labelsOf(scene, time, place, pen) {
  const { name, x, y } = scene.network.stops;
  const fullest = scene.loads ? scene.fullestSegment(time) : null;
  const spoken = fullest ? [fullest.segment.from, fullest.segment.to] : [];
  const weight = (scene.weights ??= weights(scene));
  const passedAcross = (scene.passedAcross ??= isPassedAcross(scene));
  const others = name.map((_, row) => row).filter((row) => weight[row] > 0 && !spoken.includes(row));
  others.sort((one, other) => weight[other] - weight[one] || one - other);
  const { ratio, scale, wide, high } = place;
  const most = Math.max(4, Math.round((wide * high) / ratio ** 2 / AREA));
  const away = (place.side / 2 + 3) * ratio;
  const taken = [];
  const found = [];
  const free = (one) => one[0] >= 0 && one[1] >= 0 && one[2] <= wide && one[3] <= high && taken.every((other) => one[2] < other[0] || one[0] > other[2] || one[3] < other[1] || one[1] > other[3]);
  for (const row of [...spoken, ...others]) {
    if (found.length >= most) break;
    const [at, up] = [x[row] * scale + place.x, y[row] * scale + place.y];
    if (at < 0 || up < 0 || at > wide || up > high) continue;
    const text = name[row].length > LONGEST ? `${name[row].slice(0, LONGEST - 1)}…` : name[row];
    const long = pen.measureText(text).width;
    const tall = HIGH * ratio;
    const beside = [[at + away, up], [at - away - long, up]];
    const over = [1, 2, 3].flatMap((step) => [-1, 1].map((sign) => [at - long / 2, up + sign * (away + (step - 0.5) * tall)]));
    for (const [left, middle] of passedAcross(row) ? over : [...beside, ...over.slice(0, 4)]) {
      const box = [left - 2 * ratio, middle - tall / 2, left + long + 2 * ratio, middle + tall / 2];
      if (!free(box)) continue;
      taken.push(box);
      found.push({ text, x: left, y: middle });
      break;
    }
  }
  return found;
}
