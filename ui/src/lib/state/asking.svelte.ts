/** The dialog that any part of the page may open: saving, making a board, picking one for a pin, or comparing two pins. */
import type { Pin } from "../api/client.ts";
import { to } from "../router/places.ts";
import { router } from "../router/router.svelte.ts";
import { session } from "./session.svelte.ts";

export type Asked =
  | { what: "save"; url: string; files: File[]; board: string | null }
  | { what: "copy"; pin: Pin }
  | { what: "board" }
  | { what: "compare"; pin: Pin; copy: Pin };

class Asking {
  now = $state.raw<Asked | null>(null);

  /** Opens the dialog for saving, with what there is already. */
  save({
    url = "",
    files = [],
    board = null,
  }: { url?: string; files?: File[]; board?: string | null } = {}): void {
    this.#open({ what: "save", url, files, board });
  }

  copy(pin: Pin): void {
    this.#open({ what: "copy", pin });
  }

  /** Opens the dialog that makes a board. */
  board(): void {
    this.#open({ what: "board" });
  }

  /** Opens the dialog that shows a pin beside another of the same photograph. */
  compare(pin: Pin, copy: Pin): void {
    this.#open({ what: "compare", pin, copy });
  }

  close(): void {
    this.now = null;
  }

  #open(asked: Asked): void {
    if (session.me === null) router.go(to.signIn(router.here));
    else this.now = asked;
  }
}

export const asking = new Asking();
