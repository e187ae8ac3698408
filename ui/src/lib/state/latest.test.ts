import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Latest } from "./latest.ts";

describe("Latest", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("begins what rests for as long as it is to, and nothing before it", async () => {
    const latest = new Latest();
    const begun: string[] = [];
    for (const name of ["a", "b", "c"]) {
      latest.begin(() => Promise.resolve(void begun.push(name)), 300);
      await vi.advanceTimersByTimeAsync(299);
    }
    expect(begun).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(begun).toEqual(["c"]);
  });

  it("tells what is under way that it counts no more, when something else begins or all is stopped", async () => {
    const latest = new Latest();
    const signals: AbortSignal[] = [];
    const work = (signal: AbortSignal) => Promise.resolve(void signals.push(signal));
    latest.begin(work, 0);
    await vi.advanceTimersByTimeAsync(0);
    expect(signals[0]?.aborted).toBe(false);
    latest.begin(work, 0);
    expect(signals[0]?.aborted).toBe(true);
    await vi.advanceTimersByTimeAsync(0);
    latest.stop();
    expect(signals[1]?.aborted).toBe(true);
  });
});
