/** What one may like, as lists. */
import { api, type Idea, must, type Page } from "../api/client.ts";
import { cursorOf, PinsIn, remember } from "./memory.svelte.ts";

export class Ideas extends PinsIn<Idea> {
  constructor(read: (cursor: string | undefined) => Promise<Page<Idea>>) {
    super(
      read,
      (idea) => idea.pin,
      (idea, pin) => ({ ...idea, pin }),
    );
  }
}

/** Ideas for whoever is signed in. */
export function myIdeas(): Ideas {
  return remember(
    "ideas",
    () => new Ideas((cursor) => must(api.GET("/v1/ideas", { params: { query: cursorOf(cursor) } }))),
  );
}

export function boardIdeas(board: string): Ideas {
  return remember(
    `board/${board}/ideas`,
    () =>
      new Ideas((cursor) =>
        must(api.GET("/v1/boards/{board}/ideas", { params: { path: { board }, query: cursorOf(cursor) } })),
      ),
  );
}

/** What is like a pin, and what people save beside it. */
export function relatedTo(pin: string): Ideas {
  return remember(
    `pin/${pin}/related`,
    () =>
      new Ideas((cursor) =>
        must(api.GET("/v1/pins/{pin}/related", { params: { path: { pin }, query: cursorOf(cursor) } })),
      ),
  );
}
