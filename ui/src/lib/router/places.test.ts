import { describe, expect, it } from "vitest";
import { nextOf, parse, PERSON_TABS, SEARCH_TYPES, SETTINGS_TABS, to } from "./places.ts";

const ID = "0198c0de-0000-8abc-80c0-000000000001";

describe("parse", () => {
  it("undoes every address that the page makes", () => {
    expect(parse(to.home)).toEqual({ page: "home" });
    expect(parse(to.signIn())).toEqual({ page: "sign-in" });
    expect(parse(to.signUp())).toEqual({ page: "sign-up" });
    expect(parse(to.boards)).toEqual({ page: "boards", tab: "mine" });
    expect(parse(to.shared)).toEqual({ page: "boards", tab: "shared" });
    expect(parse(to.trash)).toEqual({ page: "trash" });
    expect(parse(to.ideas)).toEqual({ page: "ideas" });
    expect(parse(to.topics)).toEqual({ page: "topics" });
    expect(parse(to.lens())).toEqual({ page: "lens", pin: null });
    expect(parse(to.lens(ID))).toEqual({ page: "lens", pin: ID });
    expect(parse(to.board(ID))).toEqual({ page: "board", id: ID });
    expect(parse(to.pin(ID))).toEqual({ page: "pin", id: ID });
    for (const tab of PERSON_TABS) {
      expect(parse(to.person("ada_l", tab))).toEqual({ page: "person", handle: "ada_l", tab });
    }
    for (const tab of SETTINGS_TABS) expect(parse(to.settings(tab))).toEqual({ page: "settings", tab });
  });

  it.each(["", "warm lamps", '"warm light" -hall by:ada', "a&b=c?d#e+f%20/g", "مصباح", "灯 💡"])(
    "undoes the address of a search: %s",
    (q) => {
      for (const type of SEARCH_TYPES) expect(parse(to.search(q, type))).toEqual({ page: "search", q, type });
    },
  );

  it("reads of a search what it can", () => {
    expect(to.search("lamp")).toBe("/search?q=lamp");
    expect(parse("/search/?q=+lamp+&type=wish")).toEqual({ page: "search", q: "lamp", type: "pin" });
    const long = parse(to.search("💡".repeat(300)));
    expect(long).toEqual({ page: "search", q: "💡".repeat(200), type: "pin" });
    expect(parse("/search/lamp")).toEqual({ page: "missing" });
  });

  it.each([
    "/pin",
    "/pin/x",
    "/board/../etc",
    "/@a",
    "/@ada/likes",
    "/nothing",
    "/settings/other",
    "/boards/x",
    "/a/b/c",
    "/lens?pin=x",
    "/lens/x",
    "/ideas/other",
  ])("finds nothing at %s", (path) => {
    expect(parse(path)).toEqual({ page: "missing" });
  });

  it("takes a handle in any case and an address with a slash at its end", () => {
    expect(parse("/@Ada/")).toEqual({ page: "person", handle: "ada", tab: "boards" });
  });
});

describe("the way on from a door", () => {
  it("leads back to where it came from", () => {
    expect(nextOf(new URL(to.signIn(to.board(ID)), "http://bower").search)).toBe(to.board(ID));
    expect(to.signIn(to.home)).toBe("/sign-in");
  });

  it.each(["", "?next=", "?next=https://elsewhere.example", "?next=//elsewhere.example"])(
    "does not lead away from the page: %s",
    (search) => {
      expect(nextOf(search)).toBe("");
    },
  );
});
