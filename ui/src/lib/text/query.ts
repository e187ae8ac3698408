/** What is typed into the search box, as the server reads it, so far as the page puts filters in and takes them out. */

export const FILTERS = ["by", "site", "board", "has", "saved"] as const;
export type FilterKey = (typeof FILTERS)[number];
export interface Filter {
  key: FilterKey;
  value: string;
}

interface Part {
  text: string;
  /** Null: words, or something that makes no sense as a filter and is words therefore. */
  filter: Filter | null;
}

const PART =
  /-?"[^"]*"|(?<no>-)?(?<key>by|site|board|saved|has):(?:"(?<quoted>[^"]+)"|(?<value>[^\s"]+))|[^\s"]+|"/gi;
const DAY = /^(?<how>[<>]=?)?(?<year>\d{4})(?:-(?<month>\d\d?)(?:-(?<day>\d\d?))?)?$/;
const HAS: Record<string, string> = {
  photo: "Photos",
  photos: "Photos",
  picture: "Photos",
  link: "Links",
  links: "Links",
};

function partsOf(query: string): Part[] {
  return [...query.matchAll(PART)].map((match) => ({ text: match[0], filter: filterIn(match.groups ?? {}) }));
}

function filterIn({ no, key, quoted, value }: Record<string, string | undefined>): Filter | null {
  const wanted = FILTERS.find((each) => each === key?.toLowerCase());
  const given = quoted ?? value;
  if (wanted === undefined || given === undefined || no !== undefined) return null;
  if (wanted === "has" && !(given.toLowerCase() in HAS)) return null;
  if (wanted === "saved" && sayTime(given) === null) return null;
  return { key: wanted, value: given };
}

/** Returns the filters of a query; of several of a kind the last, which is the one that counts. */
export function filtersOf(query: string): Filter[] {
  const given = partsOf(query).flatMap(({ filter }) => filter ?? []);
  return given.filter(({ key }, at) => given.findLastIndex((each) => each.key === key) === at);
}

/** Returns a query without its filters of a kind, or without any. */
export function withoutFilter(query: string, key?: FilterKey): string {
  const kept = partsOf(query).filter(
    ({ filter }) => filter === null || (key !== undefined && filter.key !== key),
  );
  return kept.map(({ text }) => text).join(" ");
}

/** Returns a query with a filter, in place of any other of its kind. */
export function withFilter(query: string, { key, value }: Filter): string {
  const plain = value.replaceAll('"', " ").trim();
  return `${withoutFilter(query, key)} ${key}:${/\s/.test(plain) ? `"${plain}"` : plain}`.trim();
}

/** Returns a query without the last of its words, null where it has but one. */
export function withFewerWords(query: string): string | null {
  const parts = partsOf(query);
  const last = parts.findLastIndex(({ filter }) => filter === null);
  if (parts.filter(({ filter }) => filter === null).length < 2) return null;
  return parts
    .filter((_, at) => at !== last)
    .map(({ text }) => text)
    .join(" ");
}

/** Says a filter in words, as a chip does. */
export function sayFilter({ key, value }: Filter): string {
  switch (key) {
    case "by":
      return `By @${value.replace(/^@/, "")}`;
    case "site":
      return `From ${value}`;
    case "board":
      return `On ${value}`;
    case "has":
      return HAS[value.toLowerCase()] ?? value;
    case "saved":
      return `Saved ${sayTime(value) ?? value}`;
  }
}

const HOW: Record<string, string> = { "": "in", ">": "after", ">=": "since", "<": "before", "<=": "until" };

/** Says a time such as ">=2026-01" in words; null where it is none. */
function sayTime(value: string): string | null {
  const groups = DAY.exec(value)?.groups;
  if (!groups) return null;
  const { how = "", year = "", month, day } = groups;
  const date = new Date(Date.UTC(Number(year), Number(month ?? 1) - 1, Number(day ?? 1)));
  const there =
    date.getUTCMonth() === Number(month ?? 1) - 1 &&
    date.getUTCDate() === Number(day ?? 1) &&
    year !== "0000";
  if (!there) return null;
  const said = date.toLocaleDateString("en-GB", {
    year: "numeric",
    timeZone: "UTC",
    ...(month ? { month: "long" } : {}),
    ...(day ? { day: "numeric" } : {}),
  });
  return `${day && how === "" ? "on" : (HOW[how] ?? "")} ${said}`;
}

/** The day so many days ago, as `saved:` has it. */
export function since(days: number, now = Date.now()): string {
  return `>=${new Date(now - days * 86_400_000).toISOString().slice(0, 10)}`;
}
