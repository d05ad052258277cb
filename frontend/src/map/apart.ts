// Signs that would lie on each other are set apart, each on a leader to a dot at its place.

export interface Item {
  key: string;
  /** Where it belongs. */
  x: number;
  y: number;
  width: number;
  height: number;
  /** It never lies on its place: a plate stands off the road. */
  off: boolean;
}

export interface Placed extends Item {
  /** The middle of the box. */
  left: number;
  top: number;
  moved: boolean;
}

/** A box by its corner and its size. */
export interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
}

const GAP = 4;
const RINGS = [30, 48, 68, 92, 120];
const TURNS = 16;

/** Place items in their order: the first ones get the best places; none lies on what is kept free. */
export function setApart(items: Item[], width: number, height: number, kept: Box[] = []): Placed[] {
  const dots: Box[] = items.map((one) => ({ x: one.x - 6, y: one.y - 6, w: 12, h: 12 }));
  const taken: Box[] = [...kept];
  return items.map((item, index) => {
    const others = dots.filter((_, other) => other !== index);
    const spot = best(item, taken, others, width, height);
    taken.push(boxAt(item, spot.x, spot.y));
    const moved = Math.hypot(spot.x - item.x, spot.y - item.y) > 1;
    return { ...item, left: spot.x, top: spot.y, moved };
  });
}

function best(
  item: Item, taken: Box[], dots: Box[], width: number, height: number,
): { x: number; y: number } {
  let least = Number.POSITIVE_INFINITY;
  let found = { x: item.x, y: item.y };
  for (const spot of spots(item, width)) {
    const box = boxAt(item, spot.x, spot.y);
    const cost =
      sum(taken, (one) => overlap(box, one)) * 10 +
      sum(dots, (one) => overlap(box, one)) * 3 +
      outside(box, width, height) * 20 +
      Math.hypot(spot.x - item.x, spot.y - item.y) * 0.6;
    if (cost < least) {
      least = cost;
      found = spot;
    }
  }
  return found;
}

function* spots(item: Item, width: number): Generator<{ x: number; y: number }> {
  if (!item.off) yield { x: item.x, y: item.y };
  const outward = item.x < width / 2 ? Math.PI : 0;
  for (const ring of RINGS) {
    for (let turn = 0; turn < TURNS; turn += 1) {
      const step = Math.ceil(turn / 2) * (turn % 2 ? 1 : -1);
      const angle = outward + (step * 2 * Math.PI) / TURNS;
      const reach = ring + (item.off ? 14 : 0);
      yield {
        x: item.x + Math.cos(angle) * (reach + item.width / 2 - 12),
        y: item.y + Math.sin(angle) * (reach + item.height / 2 - 12),
      };
    }
  }
}

function boxAt(item: Item, x: number, y: number): Box {
  return {
    x: x - item.width / 2 - GAP, y: y - item.height / 2 - GAP,
    w: item.width + 2 * GAP, h: item.height + 2 * GAP,
  };
}

function overlap(a: Box, b: Box): number {
  const w = Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x);
  const h = Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y);
  return w > 0 && h > 0 ? w * h : 0;
}

function outside(box: Box, width: number, height: number): number {
  return (
    Math.max(0, -box.x) + Math.max(0, -box.y) +
    Math.max(0, box.x + box.w - width) + Math.max(0, box.y + box.h - height)
  );
}

function sum(boxes: Box[], of: (one: Box) => number): number {
  return boxes.reduce((all, one) => all + of(one), 0);
}
