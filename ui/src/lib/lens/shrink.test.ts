import { describe, expect, it } from "vitest";
import { fitted } from "./shrink.ts";

describe("fitted", () => {
  it("makes the longer side what is allowed, and keeps the proportion", () => {
    expect(fitted(4000, 3000)).toEqual({ width: 1024, height: 768 });
    expect(fitted(3000, 4000)).toEqual({ width: 768, height: 1024 });
  });

  it("makes nothing larger, and nothing vanish", () => {
    expect(fitted(640, 480)).toEqual({ width: 640, height: 480 });
    expect(fitted(50_000, 3)).toEqual({ width: 1024, height: 1 });
  });
});
