/** What a search found, as lists, and what the server said of each search as a whole. */
import { api, type FoundBoard, type FoundPerson, type FoundPin, must, type Page } from "../api/client.ts";
import type { SearchType } from "../router/places.ts";
import { BoardsIn, cursorOf, PinsIn, remember } from "./memory.svelte.ts";
import { Paged } from "./paged.svelte.ts";

type Found = FoundPin | FoundBoard | FoundPerson;

class Said {
  /** Nothing has the words themselves: what was found has words like them. */
  near = $state(false);
  /** A query that finds something, in words that others use. */
  meant = $state<string | null>(null);
}

function reading<Type extends SearchType>(q: string, type: Type, said: Said) {
  return async (cursor: string | undefined): Promise<Page<Extract<Found, { type: Type }>>> => {
    const page = await must(api.GET("/v1/search", { params: { query: { q, type, ...cursorOf(cursor) } } }));
    if (cursor === undefined) {
      said.near = page.near;
      said.meant = page.did_you_mean;
    }
    const isOfType = (item: Found): item is Extract<Found, { type: Type }> => item.type === type;
    return { items: page.items.filter(isOfType), next: page.next };
  };
}

export class FoundPins extends PinsIn<FoundPin> {
  readonly said: Said;

  constructor(q: string, said = new Said()) {
    super(
      reading(q, "pin", said),
      (found) => found.pin,
      (found, pin) => ({ ...found, pin }),
    );
    this.said = said;
  }
}

export class FoundBoards extends BoardsIn<FoundBoard> {
  readonly said: Said;

  constructor(q: string, said = new Said()) {
    super(
      reading(q, "board", said),
      (found) => found.board,
      (found, board) => ({ ...found, board }),
    );
    this.said = said;
  }
}

export class FoundPeople extends Paged<FoundPerson> {
  readonly said: Said;

  constructor(q: string, said = new Said()) {
    super(reading(q, "person", said), (found) => found.person.id);
    this.said = said;
  }
}

const LISTS = { pin: FoundPins, board: FoundBoards, person: FoundPeople } as const;
export type FoundList = FoundPins | FoundBoards | FoundPeople;

export function foundList(q: string, type: SearchType): FoundList {
  return remember<FoundList>(`search/${type}/${q}`, () => new LISTS[type](q));
}
