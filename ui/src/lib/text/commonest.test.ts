import { expect, it } from "vitest";
import { commonest } from "./commonest.ts";

it("names the commonest first, each once", () => {
  const same = (letter: string) => letter.toLowerCase();
  expect(commonest(["a", "b", "B", "c", "C", "c", "d"], same, 3)).toEqual(["c", "b", "a"]);
  expect(commonest([], same, 3)).toEqual([]);
});
