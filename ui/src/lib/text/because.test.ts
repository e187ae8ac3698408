import { describe, expect, it } from "vitest";
import type { Because, BoardRef, PinRef, Tuning } from "../api/client.ts";
import { choicesFor, isAgainst, reasonOf, subjectOf } from "./because.ts";

const PIN: PinRef = { id: "p1", title: "A warm lamp", picture: null };
const BOARD: BoardRef = { id: "b1", owner: "u1", name: "Lamps", visibility: "private" };
const TOPIC = { id: 7, name: "Dogs" };
const because = (why: Because["why"], of: Partial<Because> = {}): Because => ({
  why,
  pin: null,
  board: null,
  topic: null,
  ...of,
});
const said = (reason: Because) => {
  const { lead, name } = reasonOf(reason);
  return `${lead} ${name}`.trim();
};

describe("why an idea is there", () => {
  it.each([
    [because("saved", { pin: PIN }), "Because you saved A warm lamp"],
    [because("saved", { pin: { ...PIN, title: "" } }), "Because you saved an untitled photo"],
    [because("board", { board: BOARD }), "Because of your board Lamps"],
    [because("topic", { topic: TOPIC }), "Because you like Dogs"],
    [because("looks", { pin: PIN }), "It looks like A warm lamp"],
    [because("beside", { pin: PIN }), "Saved beside A warm lamp"],
    [because("popular"), "Popular now"],
  ])("is said by what led there", (reason, words) => expect(said(reason)).toBe(words));

  it("names nothing that is gone", () => {
    for (const why of ["saved", "board", "topic", "looks", "beside", "popular"] as const) {
      const { lead, name, href } = reasonOf(because(why));
      expect(lead).not.toBe("");
      expect([name, href]).toEqual(["", null]);
    }
  });

  it("does not name the board that one is on", () => {
    const reason = because("board", { board: BOARD });
    expect(reasonOf(reason, BOARD.id)).toMatchObject({ lead: "Fits this board", name: "" });
    expect(choicesFor("p9", reason, BOARD.id).map(({ label }) => label)).toEqual(["Hide this"]);
  });

  it("leads to what it names", () => {
    expect(reasonOf(because("saved", { pin: PIN }))).toMatchObject({ href: "/pin/p1", over: true });
    expect(reasonOf(because("board", { board: BOARD }))).toMatchObject({ href: "/board/b1", over: false });
    expect(reasonOf(because("topic", { topic: TOPIC })).href).toBe("/search?q=dogs");
  });
});

describe("what may be wished about an idea", () => {
  it("is what it has a reason for", () => {
    const labels = (reason: Because) => choicesFor("p9", reason).map(({ label }) => label);
    expect(labels(because("popular"))).toEqual(["Hide this"]);
    expect(labels(because("topic", { topic: TOPIC }))).toEqual(["Hide this", "Less of Dogs"]);
    expect(labels(because("saved", { pin: PIN }))).toEqual(["Hide this", "Not because of this pin"]);
    expect(labels(because("board", { board: BOARD }))).toEqual(["Hide this", "Not because of this board"]);
  });

  it("asks the API for one thing", () => {
    const wishes = choicesFor("p9", because("saved", { pin: PIN, topic: TOPIC })).map(({ wish }) => wish);
    expect(wishes).toEqual([
      { wish: "hidden", pin_id: "p9" },
      { wish: "less", topic: 7 },
      { wish: "not_pin", pin_id: "p1" },
    ]);
  });
});

describe("what goes when a wish is granted", () => {
  it("is the hidden pin alone", () => {
    const wish = { wish: "hidden", pin_id: "p9" } as const;
    expect(isAgainst(wish, "p9", because("popular"))).toBe(true);
    expect(isAgainst(wish, "p8", because("saved", { pin: { ...PIN, id: "p9" } }))).toBe(false);
  });

  it("is all that is there for that reason", () => {
    const fromPin = because("saved", { pin: PIN });
    const fromBoard = because("board", { board: BOARD });
    const fromTopic = because("topic", { topic: TOPIC });
    const gone = (wish: Parameters<typeof isAgainst>[0]) =>
      [fromPin, fromBoard, fromTopic, because("popular")].map((each) => isAgainst(wish, "p9", each));
    expect(gone({ wish: "not_pin", pin_id: "p1" })).toEqual([true, false, false, false]);
    expect(gone({ wish: "not_board", board_id: "b1" })).toEqual([false, true, false, false]);
    expect(gone({ wish: "less", topic: 7 })).toEqual([false, false, true, false]);
    expect(gone({ wish: "interest", topic: 7 })).toEqual([false, false, false, false]);
  });
});

describe("a wish in words", () => {
  it("says what it is about, or that this is gone", () => {
    const tuning = (wish: Tuning["wish"], of: Partial<Tuning> = {}): Tuning => ({
      id: "t1",
      wish,
      topic: null,
      pin: null,
      board: null,
      created_at: "2026-01-31T12:00:00Z",
      ...of,
    });
    const words = (each: Tuning) => `${subjectOf(each).lead} ${subjectOf(each).name}`;
    expect(words(tuning("interest", { topic: TOPIC }))).toBe("More of Dogs");
    expect(words(tuning("less", { topic: TOPIC }))).toBe("Less of Dogs");
    expect(words(tuning("hidden", { pin: PIN }))).toBe("Hidden: A warm lamp");
    expect(words(tuning("not_board", { board: BOARD }))).toBe("Nothing because of Lamps");
    expect(subjectOf(tuning("not_pin"))).toEqual({
      lead: "Nothing because of",
      name: "something that is gone",
      href: null,
    });
  });
});
