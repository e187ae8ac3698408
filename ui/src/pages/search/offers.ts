/** The filters that are offered beside a search: those that make sense there, with what was found to choose from. */
import type { BoardRef, Person } from "../../lib/api/client.ts";
import { FoundBoards, type FoundList, FoundPins } from "../../lib/state/found.svelte.ts";
import { commonest } from "../../lib/text/commonest.ts";
import { type Filter, type FilterKey, since } from "../../lib/text/query.ts";
import { hostOf } from "../../lib/text/words.ts";

interface Offer {
  label: string;
  filter: Filter;
}

export interface Group {
  label: string;
  offers: Offer[];
}

const OFFERS_MAX = 6;
const SAVED = [
  ["This week", 7],
  ["This month", 30],
  ["This year", 365],
] as const;

const kinds = (): Group => ({
  label: "What",
  offers: [
    { label: "Photos", filter: { key: "has", value: "photo" } },
    { label: "Links", filter: { key: "has", value: "link" } },
  ],
});

const times = (label: string): Group => ({
  label,
  offers: SAVED.map(([called, days]) => ({ label: called, filter: { key: "saved", value: since(days) } })),
});

function people(found: readonly (Person | null)[], me: string | undefined): Group {
  const others = found.filter((person) => person !== null && person.handle !== me) as Person[];
  const mine: Offer[] = me === undefined ? [] : [{ label: "You", filter: { key: "by", value: me } }];
  const theirs = commonest(others, (person) => person.handle, OFFERS_MAX - mine.length).map(
    ({ name, handle }): Offer => ({ label: name, filter: { key: "by", value: handle } }),
  );
  return { label: "By", offers: [...mine, ...theirs] };
}

function sites(urls: readonly (string | null)[]): Group {
  const hosts = urls.map((url) => (url === null ? "" : hostOf(url))).filter((host) => host !== "");
  return {
    label: "From",
    offers: commonest(hosts, (host) => host, OFFERS_MAX).map((host) => ({
      label: host,
      filter: { key: "site", value: host },
    })),
  };
}

function boards(found: readonly BoardRef[]): Group {
  return {
    label: "On",
    offers: commonest(found, ({ name }) => name.toLowerCase(), OFFERS_MAX).map(({ name }) => ({
      label: name,
      filter: { key: "board", value: name },
    })),
  };
}

function groupsOf(list: FoundList, me: string | undefined): Group[] {
  if (list instanceof FoundPins) {
    const pins = list.items.map(({ pin }) => pin);
    return [
      kinds(),
      times("Saved"),
      people(
        pins.map((pin) => pin.saved_by),
        me,
      ),
      sites(pins.map((pin) => pin.url)),
      boards(pins.map((pin) => pin.board)),
    ];
  }
  if (list instanceof FoundBoards) {
    return [
      times("Made"),
      people(
        list.items.map(({ board }) => board.owner),
        me,
      ),
    ];
  }
  return [];
}

/** Returns what may narrow a search further, by kind; `me`: the searcher's handle; `given`: what narrows it already. */
export function offersFor(list: FoundList, me: string | undefined, given: readonly Filter[]): Group[] {
  const taken = new Set<FilterKey>(given.map(({ key }) => key));
  return groupsOf(list, me).filter(({ offers }) => offers.some(({ filter }) => !taken.has(filter.key)));
}
