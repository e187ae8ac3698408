/** What was loaded lately, so that going back shows it at once, and what changes reaches every list that shows it. */
import { api, type Board, type Entry, must, type Page, type Pin } from "../api/client.ts";
import { router } from "../router/router.svelte.ts";
import { Paged } from "./paged.svelte.ts";

/** More than the pins that somebody opens one from another, so that the list where that began is among them. */
const KEPT_MAX = 32;
// eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing shows it: the lists in it are what changes
const kept = new Map<string, unknown>();

/** Returns what was made under `name` when coming back to it; else makes it anew. */
export function remember<T>(name: string, make: () => T): T {
  const old = router.returning ? (kept.get(name) as T | undefined) : undefined;
  return keep(name, old ?? make());
}

/** Keeps a thing under `name`, in place of what was there. */
export function keep<T>(name: string, thing: T): T {
  kept.delete(name);
  kept.set(name, thing);
  const oldest = kept.keys().next();
  if (kept.size > KEPT_MAX && !oldest.done) kept.delete(oldest.value);
  return thing;
}

/** Forgets everything: somebody else is signed in from now on. */
export function forget(): void {
  kept.clear();
}

export const cursorOf = (cursor: string | undefined) => (cursor === undefined ? {} : { cursor });

type Read<T> = (cursor: string | undefined) => Promise<Page<T>>;

/** A list of things that show a pin each. */
export class PinsIn<T> extends Paged<T> {
  readonly pinOf: (item: T) => Pin;
  readonly #withPin: (item: T, pin: Pin) => T;

  constructor(read: Read<T>, pinOf: (item: T) => Pin, withPin: (item: T, pin: Pin) => T) {
    super(read, (item) => pinOf(item).id);
    this.pinOf = pinOf;
    this.#withPin = withPin;
  }

  show(pin: Pin): void {
    this.change(pin.id, (item) => this.#withPin(item, pin));
  }

  known(id: string): Pin | undefined {
    return this.items.map(this.pinOf).find((pin) => pin.id === id);
  }

  /** Takes out what is of a board. */
  leave(board: string): void {
    this.items = this.items.filter((item) => this.pinOf(item).board.id !== board);
  }
}

/** A list of things that show a board each. */
export class BoardsIn<T> extends Paged<T> {
  readonly boardOf: (item: T) => Board;
  readonly #withBoard: (item: T, board: Board) => T;

  constructor(read: Read<T>, boardOf: (item: T) => Board, withBoard: (item: T, board: Board) => T) {
    super(read, (item) => boardOf(item).id);
    this.boardOf = boardOf;
    this.#withBoard = withBoard;
  }

  show(board: Board): void {
    this.change(board.id, (item) => this.#withBoard(item, board));
  }
}

export class PinList extends PinsIn<Pin> {
  constructor(read: Read<Pin>) {
    super(
      read,
      (pin) => pin,
      (_, pin) => pin,
    );
  }
}

class BoardList extends BoardsIn<Board> {
  constructor(read: Read<Board>) {
    super(
      read,
      (board) => board,
      (_, board) => board,
    );
  }
}

export function feedList(): PinsIn<Entry> {
  return remember(
    "feed",
    () =>
      new PinsIn<Entry>(
        (cursor) => must(api.GET("/v1/feed", { params: { query: cursorOf(cursor) } })),
        (entry) => entry.pin,
        (entry, pin) => ({ ...entry, pin }),
      ),
  );
}

export function boardPins(board: string): PinsIn<Pin> {
  return remember(
    `board/${board}/pins`,
    () =>
      new PinList((cursor) =>
        must(
          api.GET("/v1/boards/{board}/pins", {
            params: { path: { board }, query: { limit: 50, ...cursorOf(cursor) } },
          }),
        ),
      ),
  );
}

export function personPins(user: string): PinsIn<Pin> {
  return remember(
    `person/${user}/pins`,
    () =>
      new PinList((cursor) =>
        must(api.GET("/v1/users/{user}/pins", { params: { path: { user }, query: cursorOf(cursor) } })),
      ),
  );
}

export function personBoards(user: string): BoardsIn<Board> {
  return remember(
    `person/${user}/boards`,
    () =>
      new BoardList((cursor) =>
        must(api.GET("/v1/users/{user}/boards", { params: { path: { user }, query: cursorOf(cursor) } })),
      ),
  );
}

export function myBoards(shared: boolean): BoardsIn<Board> {
  const query = shared ? { shared: "with-me" as const } : {};
  return remember(
    shared ? "boards/shared" : "boards",
    () =>
      new BoardList((cursor) =>
        must(api.GET("/v1/boards", { params: { query: { ...query, ...cursorOf(cursor) } } })),
      ),
  );
}

const pinLists = () => [...kept.values()].filter((thing) => thing instanceof PinsIn);
const boardLists = () => [...kept.values()].filter((thing) => thing instanceof BoardsIn);

/** Brings a pin that was edited, or whose details are in, into every list that shows it. */
export function pinChanged(pin: Pin): void {
  for (const list of pinLists()) list.show(pin);
}

/** Puts a pin that was saved on top of its board. */
export function pinSaved(pin: Pin): void {
  const list = kept.get(`board/${pin.board.id}/pins`);
  if (list instanceof PinList && list.begun) list.put(pin);
}

/** Takes a pin that was deleted or moved out of every list. */
export function pinGone(id: string): void {
  for (const list of pinLists()) list.remove(id);
}

export function boardChanged(board: Board): void {
  for (const list of boardLists()) list.show(board);
}

export function boardMade(board: Board): void {
  const list = kept.get("boards");
  if (list instanceof BoardList && list.begun) list.put(board);
}

export function boardGone(id: string): void {
  for (const list of boardLists()) list.remove(id);
  for (const list of pinLists()) list.leave(id);
}

/** A pin as one of the lists knows it. */
export function knownPin(id: string): Pin | undefined {
  for (const list of pinLists()) {
    const pin = list.known(id);
    if (pin) return pin;
  }
  return undefined;
}
