/** What was loaded lately, so that going back shows it at once, and what changes reaches every list that shows it. */
import { api, type Board, type Entry, must, type Pin } from "../api/client.ts";
import { router } from "../router/router.svelte.ts";
import { Paged } from "./paged.svelte.ts";

const KEPT_MAX = 16;
// eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing shows it: the lists in it are what changes
const kept = new Map<string, unknown>();

/** Returns what was made under `name` when coming back to it; else makes it anew. */
export function remember<T>(name: string, make: () => T): T {
  const old = router.returning ? (kept.get(name) as T | undefined) : undefined;
  const thing = old ?? make();
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

const cursorOf = (cursor: string | undefined) => (cursor === undefined ? {} : { cursor });

export class PinList extends Paged<Pin> {}
export class FeedList extends Paged<Entry> {}
export class BoardList extends Paged<Board> {}

export function feedList(): FeedList {
  return remember(
    "feed",
    () =>
      new FeedList(
        (cursor) => must(api.GET("/v1/feed", { params: { query: cursorOf(cursor) } })),
        (entry) => entry.pin.id,
      ),
  );
}

export function boardPins(board: string): PinList {
  return remember(
    `board/${board}/pins`,
    () =>
      new PinList(
        (cursor) =>
          must(
            api.GET("/v1/boards/{board}/pins", {
              params: { path: { board }, query: { limit: 50, ...cursorOf(cursor) } },
            }),
          ),
        (pin) => pin.id,
      ),
  );
}

export function personPins(user: string): PinList {
  return remember(
    `person/${user}/pins`,
    () =>
      new PinList(
        (cursor) =>
          must(api.GET("/v1/users/{user}/pins", { params: { path: { user }, query: cursorOf(cursor) } })),
        (pin) => pin.id,
      ),
  );
}

export function personBoards(user: string): BoardList {
  return remember(
    `person/${user}/boards`,
    () =>
      new BoardList(
        (cursor) =>
          must(api.GET("/v1/users/{user}/boards", { params: { path: { user }, query: cursorOf(cursor) } })),
        (board) => board.id,
      ),
  );
}

export function myBoards(shared: boolean): BoardList {
  const query = shared ? { shared: "with-me" as const } : {};
  return remember(
    shared ? "boards/shared" : "boards",
    () =>
      new BoardList(
        (cursor) => must(api.GET("/v1/boards", { params: { query: { ...query, ...cursorOf(cursor) } } })),
        (board) => board.id,
      ),
  );
}

function ofKind<T>(kind: abstract new (...parts: never[]) => T): T[] {
  return [...kept.values()].filter((thing): thing is T => thing instanceof kind);
}

/** Brings a pin that was edited, or whose details are in, into every list that shows it. */
export function pinChanged(pin: Pin): void {
  for (const list of ofKind(PinList)) list.change(pin.id, () => pin);
  for (const list of ofKind(FeedList)) list.change(pin.id, (entry) => ({ ...entry, pin }));
}

/** Puts a pin that was saved on top of its board. */
export function pinSaved(pin: Pin): void {
  const list = kept.get(`board/${pin.board.id}/pins`);
  if (list instanceof PinList && list.begun) list.put(pin);
}

/** Takes a pin that was deleted or moved out of every list. */
export function pinGone(id: string): void {
  for (const list of ofKind(PinList)) list.remove(id);
  for (const list of ofKind(FeedList)) list.remove(id);
}

export function boardChanged(board: Board): void {
  for (const list of ofKind(BoardList)) list.change(board.id, () => board);
}

export function boardMade(board: Board): void {
  const list = kept.get("boards");
  if (list instanceof BoardList && list.begun) list.put(board);
}

export function boardGone(id: string): void {
  for (const list of ofKind(BoardList)) list.remove(id);
  for (const list of ofKind(PinList)) list.items = list.items.filter((pin) => pin.board.id !== id);
  for (const list of ofKind(FeedList)) list.items = list.items.filter((entry) => entry.pin.board.id !== id);
}

/** A pin as one of the lists knows it. */
export function knownPin(id: string): Pin | undefined {
  for (const list of ofKind(PinList)) {
    const pin = list.items.find((each) => each.id === id);
    if (pin) return pin;
  }
  for (const list of ofKind(FeedList)) {
    const entry = list.items.find((each) => each.pin.id === id);
    if (entry) return entry.pin;
  }
  return undefined;
}
