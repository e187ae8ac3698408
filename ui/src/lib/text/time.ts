/** Times in words: how long ago, how long still, and the day. */

/** The page speaks English; whose English, and so in which order a date stands, is the reader's. */
const ENGLISH = navigator.languages.find((language) => /^en\b/i.test(language)) ?? "en-GB";

const relative = new Intl.RelativeTimeFormat(ENGLISH, { numeric: "auto" });
const day = new Intl.DateTimeFormat(ENGLISH, { day: "numeric", month: "long", year: "numeric" });

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["year", 365 * 86_400],
  ["month", 30 * 86_400],
  ["week", 7 * 86_400],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** "3 hours ago", "in 29 days", "just now"; `time` is RFC 3339, `now` milliseconds since 1970. */
export function fromNow(time: string, now = Date.now()): string {
  const seconds = (Date.parse(time) - now) / 1000;
  for (const [unit, length] of STEPS) {
    // What is to come is counted in days: "in 4 weeks" would be any of seven.
    if (unit === "week" && seconds > 0) continue;
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  }
  return "just now";
}

/** "3 June 2026" in the reader's own order. */
export function dayOf(time: string): string {
  return day.format(new Date(time));
}
