// What of a map is shown: how far it is blown up, and which point stands in its middle. All maps of a page share it.

const MOST = 40;
const STEP = 1.6;
const MOVE = 0.2;
const TAP_POINTS = 6; // a finger that moves farther than this does not choose what it lands on

export class Camera {
  constructor(zoom = 1, x = 0.5, y = 0.5) {
    [this.zoom, this.x, this.y] = [zoom, x, y];
    this.#keepInside();
  }

  // As it stands in the address; anything else is the whole map.
  static of(text) {
    const numbers = (text ?? "").split(",").map(Number);
    return numbers.length === 3 && numbers.every(Number.isFinite) ? new Camera(...numbers) : new Camera();
  }

  get text() {
    return [this.zoom.toFixed(2), this.x.toFixed(4), this.y.toFixed(4)].join();
  }

  get isWhole() {
    return this.zoom <= 1;
  }

  // By a factor around a point that stays where it is; both as shares of what is shown.
  by(factor, x = 0.5, y = 0.5) {
    const zoom = Math.min(Math.max(this.zoom * factor, 1), MOST);
    const held = 1 / this.zoom - 1 / zoom;
    [this.x, this.y, this.zoom] = [this.x + (x - 0.5) * held, this.y + (y - 0.5) * held, zoom];
    this.#keepInside();
  }

  // By shares of what is shown.
  move(right, down) {
    this.x += right / this.zoom;
    this.y += down / this.zoom;
    this.#keepInside();
  }

  whole() {
    [this.zoom, this.x, this.y] = [1, 0.5, 0.5];
  }

  // To a part of the whole, given by its edges as shares.
  frame(left, top, right, bottom) {
    this.zoom = Math.min(1 / Math.max(right - left, 1 / MOST), 1 / Math.max(bottom - top, 1 / MOST));
    [this.x, this.y] = [(left + right) / 2, (top + bottom) / 2];
    this.#keepInside();
  }

  #keepInside() {
    this.zoom = Math.min(Math.max(this.zoom, 1), MOST);
    const half = 0.5 / this.zoom;
    this.x = Math.min(Math.max(this.x, half), 1 - half);
    this.y = Math.min(Math.max(this.y, half), 1 - half);
  }
}

export const WHOLE = new Camera();

const KEYS = {
  "+": (camera) => camera.by(STEP), "=": (camera) => camera.by(STEP), "-": (camera) => camera.by(1 / STEP), 0: (camera) => camera.whole(),
  ArrowLeft: (camera) => camera.move(-MOVE, 0), ArrowRight: (camera) => camera.move(MOVE, 0), ArrowUp: (camera) => camera.move(0, -MOVE), ArrowDown: (camera) => camera.move(0, MOVE),
};

export const closer = (camera) => camera.by(STEP);
export const farther = (camera) => camera.by(1 / STEP);

// Keys, mouse and fingers on a map. One finger moves a part of the map, and the page where the whole map is shown.
// Where a tap chooses something, two of them do not bring the map closer.
export function movable(held, canvas, camera, changed, { choosesByTap = false } = {}) {
  const share = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };
  const fingers = new Map();
  // A class and no style of its own: that would go with the picture into the file that is mailed, where the page's
  // policy refuses it.
  const touched = () => canvas.classList.toggle("is-part", !camera.isWhole);
  const after = () => {
    touched();
    changed();
  };
  canvas.classList.add("movable");
  touched();
  held.addEventListener("keydown", (event) => {
    if (event.target !== held || event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
    event.preventDefault();
    KEYS[event.key](camera);
    after();
  });
  // The wheel alone goes on moving the page; a pinch on a pad comes as the wheel with Control.
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    camera.by(Math.exp(-event.deltaY / 200), ...share(event));
    after();
  }, { passive: false });
  canvas.addEventListener("dblclick", (event) => {
    if (choosesByTap) return;
    camera.by(STEP, ...share(event));
    after();
  });
  let [begun, isDrag] = [null, false];
  canvas.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, share(event));
    [begun, isDrag] = [event, fingers.size > 1];
  });
  canvas.addEventListener("click", (event) => isDrag && event.stopImmediatePropagation(), { capture: true });
  for (const gone of ["pointerup", "pointercancel", "pointerleave"]) canvas.addEventListener(gone, (event) => fingers.delete(event.pointerId));
  canvas.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = share(event);
    if (Math.hypot(event.clientX - begun.clientX, event.clientY - begun.clientY) > TAP_POINTS) isDrag = true;
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    fingers.set(event.pointerId, now);
    if (other) {
      const apart = (one) => Math.hypot(one[0] - other[0], one[1] - other[1]) || 1e-3;
      camera.by(apart(now) / apart(before), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
    } else if (camera.isWhole) return;
    else camera.move(before[0] - now[0], before[1] - now[1]);
    after();
  });
}
