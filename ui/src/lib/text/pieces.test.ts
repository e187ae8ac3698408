import { describe, expect, it } from "vitest";
import { excerptOf, piecesOf } from "./pieces.ts";

const plain = (text: string) => ({ text, hit: false });
const hit = (text: string) => ({ text, hit: true });

describe("pieces", () => {
  it("are those found while they spell the text, and no longer", () => {
    const pieces = [plain("A "), hit("lamp")];
    expect(piecesOf("A lamp", pieces)).toBe(pieces);
    expect(piecesOf("A chair", pieces)).toEqual([plain("A chair")]);
    expect(piecesOf("A chair")).toEqual([plain("A chair")]);
  });

  it("of other texts stand where the title has no hit", () => {
    const excerpt = [plain("by the "), hit("lamp")];
    expect(excerptOf({ title: [plain("A chair")], excerpt })).toBe(excerpt);
    expect(excerptOf({ title: [hit("Lamp")], excerpt })).toEqual([]);
    expect(excerptOf({ title: [], excerpt: [] })).toEqual([]);
  });
});
