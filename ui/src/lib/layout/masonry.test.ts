import { describe, expect, it } from "vitest";
import { COLUMN, evenest, frameOf, GUTTER, layOut, pictureHeight, type Shape, within } from "./masonry.ts";

const square: Shape = { width: 500, height: 500, caption: 40 };
const tall: Shape = { width: 400, height: 800, caption: 40 };

describe("frameOf", () => {
  it("keeps columns of 236 with gutters of 14 where two or more fit", () => {
    expect(frameOf(1240)).toEqual({ columns: 5, columnWidth: 236, gutter: 14, width: 1236 });
    expect(frameOf(2 * COLUMN + GUTTER).columns).toBe(2);
  });

  it("shares a narrow screen between two columns that fill it", () => {
    const frame = frameOf(358);
    expect(frame.columns).toBe(2);
    expect(frame.width).toBeLessThanOrEqual(358);
    expect(frame.width).toBeGreaterThan(355);
  });
});

describe("pictureHeight", () => {
  it("follows the picture's proportion", () => {
    expect(pictureHeight(tall, 236)).toBe(472);
  });

  it("bounds extremes, and gives a card where there is no picture", () => {
    expect(pictureHeight({ width: 10, height: 9000, caption: 0 }, 100)).toBe(240);
    expect(pictureHeight({ width: 9000, height: 10, caption: 0 }, 100)).toBe(40);
    expect(pictureHeight({ width: 0, height: 0, caption: 0 }, 120)).toBe(100);
  });
});

describe("layOut", () => {
  it("fills the first row from the left, then the shortest column", () => {
    const { boxes } = layOut([tall, square, square, square], { ...frameOf(750), columns: 3 });
    expect(boxes.map((box) => box.x)).toEqual([0, 250, 500, 250]);
    expect(boxes[3]?.y).toBe(236 + 40 + GUTTER);
  });

  it("overlaps nothing and leaves earlier tiles where they were when more arrive", () => {
    const shapes = Array.from({ length: 60 }, (_, n): Shape => ({
      width: 300,
      height: 200 + ((n * 73) % 400),
      caption: 44,
    }));
    const frame = frameOf(1100);
    const all = layOut(shapes, frame).boxes;
    expect(layOut(shapes.slice(0, 25), frame).boxes).toEqual(all.slice(0, 25));
    for (const [i, a] of all.entries()) {
      for (const b of all.slice(i + 1)) {
        const apart =
          a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
        expect(apart).toBe(true);
      }
    }
  });

  it("is as high as its lowest tile, and 0 when empty", () => {
    const frame = frameOf(750);
    const laid = layOut([tall, square], frame);
    expect(laid.height).toBe(472 + 40);
    expect(layOut([], frame).height).toBe(0);
  });
});

describe("evenest", () => {
  const frame = { ...frameOf(750), columns: 3 };

  it("ends where the columns are level", () => {
    expect(evenest([square, square, square, square, tall], frame, 2)).toBe(3);
    expect(evenest([tall, square, square, square, square, tall], frame, 4)).toBe(5);
  });

  it("takes all where there are too few", () => {
    expect(evenest([square, tall], frame, 5)).toBe(2);
    expect(evenest([], frame, 5)).toBe(0);
  });
});

describe("within", () => {
  it("names what touches the band, in order", () => {
    const { boxes } = layOut(
      Array.from({ length: 9 }, () => square),
      { ...frameOf(750), columns: 3 },
    );
    expect(within(boxes, 0, 100)).toEqual([0, 1, 2]);
    expect(within(boxes, 280, 300)).toEqual([3, 4, 5]);
    expect(within(boxes, 5000, 6000)).toEqual([]);
  });
});
