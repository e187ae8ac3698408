import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Suggestion } from "../api/client.ts";
import { Suggester } from "./suggester.svelte.ts";

const PAUSE_MS = 150;
const suggested = (text: string): Suggestion[] => [{ type: "query", text }];

interface Asked {
  typed: string;
  signal: AbortSignal;
  answer: (items: Suggestion[]) => void;
  fail: (error: Error) => void;
}

/** A suggester whose questions wait to be answered by hand. */
function waiting() {
  const asked: Asked[] = [];
  const suggester = new Suggester(
    (typed, signal) => new Promise((answer, fail) => asked.push({ typed, signal, answer, fail })),
  );
  return { suggester, asked };
}

describe("Suggester", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("asks once typing pauses, and not for every letter", async () => {
    const { suggester, asked } = waiting();
    for (const typed of ["l", "la", "lam"]) suggester.type(typed);
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    expect(asked.map(({ typed }) => typed)).toEqual(["lam"]);
    asked[0]?.answer(suggested("lamp"));
    await vi.advanceTimersByTimeAsync(0);
    expect(suggester.items).toEqual(suggested("lamp"));
  });

  it("gives up an older question, whose answer no longer counts", async () => {
    const { suggester, asked } = waiting();
    suggester.type("la");
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    suggester.type("lamp");
    expect(asked[0]?.signal.aborted).toBe(true);
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    asked[1]?.answer(suggested("lamps"));
    await vi.advanceTimersByTimeAsync(0);
    asked[0]?.answer(suggested("late"));
    await vi.advanceTimersByTimeAsync(0);
    expect(suggester.items).toEqual(suggested("lamps"));
  });

  it("suggests nothing for nothing, and asks nobody", async () => {
    const { suggester, asked } = waiting();
    suggester.items = suggested("lamp");
    suggester.type(" ");
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    expect(suggester.items).toEqual([]);
    expect(asked).toHaveLength(0);
  });

  it("is quiet when nobody answers", async () => {
    const { suggester, asked } = waiting();
    suggester.items = suggested("old");
    suggester.type("lamp");
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    asked[0]?.fail(new TypeError("offline"));
    await vi.advanceTimersByTimeAsync(0);
    expect(suggester.items).toEqual([]);
  });
});
