/** Words for numbers, people and addresses. */

export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
}

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** 1,234 as "1.2K". */
export function brief(n: number): string {
  return compact.format(n);
}

/** The host of an address without "www.", or "" where it is none. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^www\./, "") : "";
}

/** Up to two letters that stand for a name. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/);
  const first = words[0] ?? "";
  const last = words.length > 1 ? (words.at(-1) ?? "") : "";
  return (letterOf(first) || "?").toUpperCase() + letterOf(last).toUpperCase();
}

const letters = new Intl.Segmenter();

/** The first character as people count them. */
function letterOf(word: string): string {
  return letters.segment(word).containing(0)?.segment ?? "";
}

/** A number from 0 to `kinds` - 1 that is always the same for the same text. */
export function kindOf(text: string, kinds: number): number {
  let sum = 0;
  for (const character of text) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65521;
  return sum % kinds;
}

/** Completes what somebody typed as an address; null where it cannot be one. */
export function asAddress(text: string): string | null {
  const trimmed = text.trim();
  if (trimmed === "" || /\s/.test(trimmed)) return null;
  const whole = /^https?:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`;
  if (!URL.canParse(whole)) return null;
  const { hostname, protocol } = new URL(whole);
  const plausible = hostname === "localhost" || hostname.includes(".") || hostname.startsWith("[");
  return plausible && /^https?:$/.test(protocol) ? whole : null;
}
