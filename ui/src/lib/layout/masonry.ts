/** Masonry as pure arithmetic over known heights: where each tile lies, and which of them a window shows. */

export interface Shape {
  /** Width and height of the picture in its own pixels; 0 where there is none. */
  width: number;
  height: number;
  /** Height of what stands under the picture, in CSS pixels. */
  caption: number;
}

export interface Frame {
  columns: number;
  /** CSS pixels. */
  columnWidth: number;
  gutter: number;
  /** Width of all columns and the gutters between them. */
  width: number;
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
  /** Height of the picture alone. */
  picture: number;
}

export interface Laid {
  boxes: Box[];
  height: number;
}

export const COLUMN = 236;
export const GUTTER = 14;
const GUTTER_NARROW = 10;
const COLUMNS_MAX = 8;
/** A tile with no picture is a card of this proportion. */
const CARD_ASPECT = 1.2;
/** Taller than this, a picture shows its middle; flatter than this, it is given some height. */
const TALL_MAX = 2.4;
const FLAT_MIN = 0.4;

/**
 * Returns how many columns stand in `width` CSS pixels: fixed ones, or two that share a narrow screen. At most
 * `columnsMax` where they are fixed.
 */
export function frameOf(width: number, columnsMax = COLUMNS_MAX): Frame {
  const fitting = Math.floor((width + GUTTER) / (COLUMN + GUTTER));
  if (fitting < 2) {
    const columnWidth = Math.max(1, Math.floor((width - GUTTER_NARROW) / 2));
    return { columns: 2, columnWidth, gutter: GUTTER_NARROW, width: 2 * columnWidth + GUTTER_NARROW };
  }
  const columns = Math.max(1, Math.min(fitting, COLUMNS_MAX, columnsMax));
  return { columns, columnWidth: COLUMN, gutter: GUTTER, width: columns * (COLUMN + GUTTER) - GUTTER };
}

/** Returns the height at which a picture stands in a column. */
export function pictureHeight(shape: Shape, columnWidth: number): number {
  const aspect = shape.width > 0 && shape.height > 0 ? shape.height / shape.width : 1 / CARD_ASPECT;
  return Math.round(columnWidth * Math.min(TALL_MAX, Math.max(FLAT_MIN, aspect)));
}

/** Lays tiles out in order, each where there is most room: the shortest column, the leftmost of equals. */
export function layOut(shapes: readonly Shape[], frame: Frame): Laid {
  const bottoms = new Array<number>(frame.columns).fill(0);
  const boxes: Box[] = [];
  for (const shape of shapes) {
    const column = bottoms.indexOf(Math.min(...bottoms));
    const y = bottoms[column] ?? 0;
    const picture = pictureHeight(shape, frame.columnWidth);
    const height = picture + shape.caption;
    boxes.push({
      x: column * (frame.columnWidth + frame.gutter),
      y,
      width: frame.columnWidth,
      height,
      picture,
    });
    bottoms[column] = y + height + frame.gutter;
  }
  return { boxes, height: Math.max(0, Math.max(...bottoms) - frame.gutter) };
}

/** Returns how many of the tiles, at least `least`, end most evenly: with the least between the columns' bottoms. */
export function evenest(shapes: readonly Shape[], frame: Frame, least: number): number {
  const { boxes } = layOut(shapes, frame);
  const bottoms = new Array<number>(frame.columns).fill(0);
  let best = { count: shapes.length, gap: Infinity };
  boxes.forEach((box, index) => {
    bottoms[Math.round(box.x / (frame.columnWidth + frame.gutter))] = box.y + box.height;
    const gap = Math.max(...bottoms) - Math.min(...bottoms);
    if (index + 1 >= least && gap < best.gap) best = { count: index + 1, gap };
  });
  return best.count;
}

/** Returns the indices, in order, of the boxes that touch the band between `top` and `bottom`. */
export function within(boxes: readonly Box[], top: number, bottom: number): number[] {
  const shown: number[] = [];
  boxes.forEach((box, index) => {
    if (box.y < bottom && box.y + box.height > top) shown.push(index);
  });
  return shown;
}
