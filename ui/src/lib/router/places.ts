/** The page's addresses, both ways: from an address to a place, and from a thing to its address. */

export const PERSON_TABS = ["boards", "pins", "followers", "following"] as const;
export const SETTINGS_TABS = [
  "profile",
  "appearance",
  "tuning",
  "security",
  "tokens",
  "blocked",
  "account",
] as const;
export const SEARCH_TYPES = ["pin", "board", "person"] as const;
export type PersonTab = (typeof PERSON_TABS)[number];
export type SettingsTab = (typeof SETTINGS_TABS)[number];
export type SearchType = (typeof SEARCH_TYPES)[number];

/** The API passes over what is beyond, and so does the page. */
export const QUERY_CHARACTERS_MAX = 200;

export type Place =
  | { page: "home" }
  | { page: "sign-in" }
  | { page: "sign-up" }
  | { page: "boards"; tab: "mine" | "shared" }
  | { page: "board"; id: string }
  | { page: "pin"; id: string }
  | { page: "person"; handle: string; tab: PersonTab }
  | { page: "settings"; tab: SettingsTab }
  | { page: "search"; q: string; type: SearchType }
  /** `pin`: whose picture is searched in; null: a photo of one's own. */
  | { page: "lens"; pin: string | null }
  | { page: "ideas" }
  | { page: "topics" }
  | { page: "trash" }
  | { page: "missing" };

export type PinPlace = Extract<Place, { page: "pin" }>;
export type SearchPlace = Extract<Place, { page: "search" }>;

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const HANDLE = /^@([A-Za-z0-9_]{3,30})$/;
const MISSING: Place = { page: "missing" };

function oneOf<T extends string>(names: readonly T[], name: string | undefined): T | undefined {
  return name === undefined ? names[0] : names.find((each) => each === name);
}

function parsePerson(handle: string, tabName: string | undefined): Place {
  const tab = oneOf(PERSON_TABS, tabName);
  return tab === undefined ? MISSING : { page: "person", handle: handle.toLowerCase(), tab };
}

function parseThing(kind: string, id: string | undefined): Place {
  if (id === undefined || !ID.test(id)) return MISSING;
  return kind === "pin" ? { page: "pin", id } : { page: "board", id };
}

/** What is searched for is a part of the address: it can be shared, and loaded again. */
function parseSearch(query: string): Place {
  const asked = new URLSearchParams(query);
  const q = Array.from(asked.get("q") ?? "").slice(0, QUERY_CHARACTERS_MAX);
  const type = SEARCH_TYPES.find((each) => each === asked.get("type")) ?? "pin";
  return { page: "search", q: q.join("").trim(), type };
}

function parseLens(query: string): Place {
  const pin = new URLSearchParams(query).get("pin");
  if (pin === null) return { page: "lens", pin };
  return ID.test(pin) ? { page: "lens", pin } : MISSING;
}

/** Returns the place that an address names: a path of at most two segments, and what follows a "?". */
export function parse(address: string): Place {
  const [path = "", query = ""] = address.split("?", 2);
  const [first, second, ...rest] = path.split("/").filter((part) => part !== "");
  if (rest.length > 0) return MISSING;
  if (first === undefined) return { page: "home" };
  const handle = HANDLE.exec(first)?.[1];
  if (handle !== undefined) return parsePerson(handle, second);
  if (first === "pin" || first === "board") return parseThing(first, second);
  if (first === "settings") {
    const tab = oneOf(SETTINGS_TABS, second);
    return tab === undefined ? MISSING : { page: "settings", tab };
  }
  if (first === "boards" && second === "shared") return { page: "boards", tab: "shared" };
  if (first === "ideas" && second === "topics") return { page: "topics" };
  if (second !== undefined) return MISSING;
  if (first === "lens") return parseLens(query);
  if (first === "search") return parseSearch(query);
  if (first === "boards") return { page: "boards", tab: "mine" };
  if (first === "sign-in" || first === "sign-up" || first === "ideas" || first === "trash") {
    return { page: first };
  }
  return MISSING;
}

/** What a link to the first page is, by where one is: the page itself, or where one of its parts is. */
export function atHome({ page }: Place): "page" | "true" | undefined {
  if (page === "home") return "page";
  return page === "ideas" || page === "topics" ? "true" : undefined;
}

/** From a door it goes on to `next`; from there, or without it, to the first page. */
function door(path: string, next: string): string {
  return next === "" || next === "/" ? path : `${path}?next=${encodeURIComponent(next)}`;
}

/** Returns where to go on to, as the query of a door's address says; "" where it says nothing that is of this page. */
export function nextOf(search: string): string {
  const next = new URLSearchParams(search).get("next") ?? "";
  return next.startsWith("/") && !next.startsWith("//") ? next : "";
}

function search(q = "", type: SearchType = "pin"): string {
  const query = new URLSearchParams({ ...(q === "" ? {} : { q }), ...(type === "pin" ? {} : { type }) });
  return query.size === 0 ? "/search" : `/search?${query.toString()}`;
}

export const to = {
  home: "/",
  signIn: (next = "") => door("/sign-in", next),
  signUp: (next = "") => door("/sign-up", next),
  boards: "/boards",
  shared: "/boards/shared",
  trash: "/trash",
  ideas: "/ideas",
  topics: "/ideas/topics",
  lens: (pin = "") => (pin === "" ? "/lens" : `/lens?pin=${pin}`),
  search,
  board: (id: string) => `/board/${id}`,
  pin: (id: string) => `/pin/${id}`,
  person: (handle: string, tab: PersonTab = "boards") =>
    tab === "boards" ? `/@${handle}` : `/@${handle}/${tab}`,
  settings: (tab: SettingsTab = "profile") => (tab === "profile" ? "/settings" : `/settings/${tab}`),
};
