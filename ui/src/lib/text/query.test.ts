import { describe, expect, it } from "vitest";
import { filtersOf, sayFilter, since, withFewerWords, withFilter, withoutFilter } from "./query.ts";

describe("filtersOf", () => {
  it("finds what the server finds", () => {
    expect(filtersOf('lamp by:@Ada SITE:example.org board:"Kitchen ideas" has:photo saved:>2026-01')).toEqual(
      [
        { key: "by", value: "@Ada" },
        { key: "site", value: "example.org" },
        { key: "board", value: "Kitchen ideas" },
        { key: "has", value: "photo" },
        { key: "saved", value: ">2026-01" },
      ],
    );
  });

  it.each([
    '"by:ada"',
    '-"by:ada"',
    "-by:ada",
    "has:legs",
    "saved:soon",
    "saved:2026-13",
    "saved:2026-02-30",
  ])("takes %s for words", (query) => {
    expect(filtersOf(query)).toEqual([]);
  });

  it.each(["by:", "xby:ada", "standby:ada", '"', ":", ""])("takes %s for words too", (query) => {
    expect(filtersOf(query)).toEqual([]);
  });

  it("counts the last of a kind", () => {
    expect(filtersOf("by:ada by:bob")).toEqual([{ key: "by", value: "bob" }]);
  });
});

describe("putting in and taking out", () => {
  it("leaves everything else as it was", () => {
    const query = 'warm "by:me" by:ada -hall has:photo';
    expect(withoutFilter(query, "by")).toBe('warm "by:me" -hall has:photo');
    expect(withoutFilter(query)).toBe('warm "by:me" -hall');
    expect(withFilter(query, { key: "by", value: "bob" })).toBe('warm "by:me" -hall has:photo by:bob');
  });

  it("quotes what has spaces, and comes back the same", () => {
    const filter = { key: "board", value: "Kitchen ideas" } as const;
    expect(withFilter("", filter)).toBe('board:"Kitchen ideas"');
    expect(filtersOf(withFilter("lamp", filter))).toEqual([filter]);
    expect(filtersOf(withFilter("", { key: "board", value: 'My "best"' }))).toEqual([
      { key: "board", value: "My  best" },
    ]);
  });

  it("takes words away from the end, and keeps one", () => {
    expect(withFewerWords("warm lamp hall by:ada")).toBe("warm lamp by:ada");
    expect(withFewerWords('"warm lamp" hall')).toBe('"warm lamp"');
    expect(withFewerWords("lamp by:ada")).toBeNull();
    expect(withFewerWords("")).toBeNull();
  });
});

describe("sayFilter", () => {
  it.each([
    ["by", "@ada", "By @ada"],
    ["by", "ada", "By @ada"],
    ["site", "example.org", "From example.org"],
    ["board", "Lamps", "On Lamps"],
    ["has", "Picture", "Photos"],
    ["has", "link", "Links"],
    ["saved", "2026", "Saved in 2026"],
    ["saved", "2026-01-05", "Saved on 5 January 2026"],
    ["saved", ">2026-1", "Saved after January 2026"],
    ["saved", ">=2026-01-05", "Saved since 5 January 2026"],
    ["saved", "<2026", "Saved before 2026"],
    ["saved", "<=2026-02-28", "Saved until 28 February 2026"],
  ] as const)("says %s:%s", (key, value, said) => {
    expect(sayFilter({ key, value })).toBe(said);
  });

  it("knows what day it was", () => {
    expect(since(7, Date.UTC(2026, 2, 3))).toBe(">=2026-02-24");
    expect(filtersOf(`saved:${since(7)}`)).toHaveLength(1);
  });
});
