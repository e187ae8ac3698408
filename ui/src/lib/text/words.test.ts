import { describe, expect, it } from "vitest";
import { asAddress, brief, count, hostOf, initialsOf, kindOf } from "./words.ts";

describe("words", () => {
  it("counts", () => {
    expect(count(1, "pin")).toBe("1 pin");
    expect(count(0, "pin")).toBe("0 pins");
    expect(count(2, "person", "people")).toBe("2 people");
    expect(brief(12_345)).toBe("12.3K");
  });

  it("names hosts", () => {
    expect(hostOf("https://www.example.org/a")).toBe("example.org");
    expect(hostOf("nonsense")).toBe("");
  });

  it("makes initials, of whole characters", () => {
    expect(initialsOf("Ada Lovelace")).toBe("AL");
    expect(initialsOf("  ada ")).toBe("A");
    expect(initialsOf("👩‍🎨 b")).toBe("👩‍🎨B");
    expect(initialsOf("")).toBe("?");
  });

  it("sorts a text into the same kind each time", () => {
    expect(kindOf("ada", 6)).toBe(kindOf("ada", 6));
    expect(kindOf("bertha", 6)).toBeLessThan(6);
  });

  it("completes addresses and refuses what is none", () => {
    expect(asAddress(" example.org/bread ")).toBe("https://example.org/bread");
    expect(asAddress("http://localhost:8000/x")).toBe("http://localhost:8000/x");
    expect(asAddress("two words.org")).toBeNull();
    expect(asAddress("bread")).toBeNull();
    expect(asAddress("ftp://example.org")).toBeNull();
    expect(asAddress("")).toBeNull();
  });
});
