import { describe, expect, it } from "vitest";
import { type Box, CORNERS, isWhole, MIDDLE, moved, pulled, sayBox, WHOLE } from "./crop.ts";

const LEAST = { width: 0.1, height: 0.2 };
const box: Box = { x: 0.2, y: 0.3, width: 0.4, height: 0.5 };

function near(found: Box, wanted: Box): void {
  for (const key of ["x", "y", "width", "height"] as const) expect(found[key]).toBeCloseTo(wanted[key], 9);
}

describe("moved", () => {
  it("keeps its size and stops at the edges", () => {
    near(moved(box, 0.1, -0.1), { x: 0.3, y: 0.2, width: 0.4, height: 0.5 });
    near(moved(box, 5, 5), { x: 0.6, y: 0.5, width: 0.4, height: 0.5 });
    near(moved(box, -5, -5), { x: 0, y: 0, width: 0.4, height: 0.5 });
    near(moved(WHOLE, 0.3, -0.3), WHOLE);
  });
});

describe("pulled", () => {
  it("moves the corner that is pulled and leaves the one across", () => {
    near(pulled(box, "se", 0.1, 0.05, LEAST), { x: 0.2, y: 0.3, width: 0.5, height: 0.55 });
    near(pulled(box, "nw", 0.1, 0.05, LEAST), { x: 0.3, y: 0.35, width: 0.3, height: 0.45 });
    near(pulled(box, "ne", -0.1, -0.1, LEAST), { x: 0.2, y: 0.2, width: 0.3, height: 0.6 });
    near(pulled(box, "sw", -0.1, -0.1, LEAST), { x: 0.1, y: 0.3, width: 0.5, height: 0.4 });
  });

  it("is never smaller than the least, nor turned inside out", () => {
    near(pulled(box, "se", -5, -5, LEAST), { x: 0.2, y: 0.3, width: 0.1, height: 0.2 });
    near(pulled(box, "nw", 5, 5, LEAST), { x: 0.5, y: 0.6, width: 0.1, height: 0.2 });
  });

  it("stays within the picture whatever is pulled, and however far", () => {
    for (const corner of CORNERS) {
      for (const by of [-3, -0.05, 0, 0.05, 3]) {
        for (const least of [LEAST, { width: 4, height: 4 }]) {
          const found = pulled(box, corner, by, -by, least);
          expect(found.x).toBeGreaterThanOrEqual(0);
          expect(found.y).toBeGreaterThanOrEqual(0);
          expect(found.x + found.width).toBeLessThanOrEqual(1 + 1e-9);
          expect(found.y + found.height).toBeLessThanOrEqual(1 + 1e-9);
          expect(found.width).toBeGreaterThan(0);
        }
      }
    }
  });
});

describe("a frame in words", () => {
  it("says where it is", () => {
    expect(sayBox(MIDDLE)).toBe("From 15 to 85 percent across, 15 to 85 percent down");
    expect(sayBox(WHOLE)).toBe("The whole picture");
  });

  it("is whole when it nearly is", () => {
    expect(isWhole({ x: 0.002, y: 0, width: 0.998, height: 1 })).toBe(true);
    expect(isWhole({ x: 0, y: 0, width: 1, height: 0.9 })).toBe(false);
  });
});
