/** The frame over a picture as arithmetic: a box in fractions of the picture, moved and resized within its edges. */

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Which corner is pulled: its vertical and its horizontal edge. */
export const CORNERS = ["nw", "ne", "sw", "se"] as const;
export type Corner = (typeof CORNERS)[number];

/** The least width and height of a frame, in fractions of the picture. */
export interface Least {
  width: number;
  height: number;
}

export const WHOLE: Box = { x: 0, y: 0, width: 1, height: 1 };
/** Where a frame begins that shall show what it is for. */
export const MIDDLE: Box = { x: 0.15, y: 0.15, width: 0.7, height: 0.7 };

const NEARLY = 0.995;

const between = (low: number, value: number, high: number) => Math.min(high, Math.max(low, value));

export function isWhole(box: Box): boolean {
  return box.width >= NEARLY && box.height >= NEARLY;
}

/** Returns a box as large as before, moved as far as the picture's edges let it. */
export function moved(box: Box, dx: number, dy: number): Box {
  return {
    ...box,
    x: between(0, box.x + dx, 1 - box.width),
    y: between(0, box.y + dy, 1 - box.height),
  };
}

/** Returns a box of which a corner was pulled; the corner across stays where it is. */
export function pulled(box: Box, corner: Corner, dx: number, dy: number, least: Least): Box {
  const [x, width] = edge(box.x, box.width, corner.endsWith("w"), dx, least.width);
  const [y, height] = edge(box.y, box.height, corner.startsWith("n"), dy, least.height);
  return { x, y, width, height };
}

/** Moves one end of a span, the one at its start or the one at its end; returns its start and length. */
function edge(start: number, length: number, atStart: boolean, by: number, least: number): [number, number] {
  const end = start + length;
  const short = Math.min(least, 1);
  if (atStart) {
    const to = between(0, start + by, Math.max(0, end - short));
    return [to, end - to];
  }
  return [start, between(Math.min(start + short, 1), end + by, 1) - start];
}

const percent = (fraction: number) => Math.round(fraction * 100);

/** Says where a frame is. */
export function sayBox({ x, y, width, height }: Box): string {
  if (isWhole({ x, y, width, height })) return "The whole picture";
  const across = `${percent(x)} to ${percent(x + width)} percent across`;
  return `From ${across}, ${percent(y)} to ${percent(y + height)} percent down`;
}
