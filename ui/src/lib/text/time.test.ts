import { describe, expect, it } from "vitest";
import { dayOf, fromNow } from "./time.ts";

const now = Date.parse("2026-06-15T12:00:00Z");

describe("fromNow", () => {
  it.each([
    ["2026-06-15T11:59:30.000000Z", "just now"],
    ["2026-06-15T11:58:00Z", "2 minutes ago"],
    ["2026-06-15T09:00:00Z", "3 hours ago"],
    ["2026-06-14T11:00:00Z", "yesterday"],
    ["2026-06-01T12:00:00Z", "2 weeks ago"],
    ["2024-06-01T12:00:00Z", "2 years ago"],
    ["2026-07-14T12:00:00Z", "in 29 days"],
  ])("puts %s as %s", (time, words) => {
    expect(fromNow(time, now)).toBe(words);
  });
});

describe("dayOf", () => {
  it("names the day", () => {
    expect(dayOf("2026-06-03T12:00:00Z")).toBe("June 3, 2026");
  });
});
