/** Short messages at the edge of the page: what was done, with a way to undo it, and what failed. */
import { asProblem, isAbort, sayProblem } from "../api/problem.ts";

export interface Offer {
  label: string;
  /** What happens when it is taken: a function, or an address to go to. */
  run: (() => Promise<void> | void) | string;
}

export interface Toast {
  id: number;
  text: string;
  kind: "done" | "failed";
  offer: Offer | null;
}

const SHOWN_MAX = 3;
const SHOWN_MS = 6_000;
const SHOWN_WITH_OFFER_MS = 10_000;

class Toasts {
  shown = $state.raw<Toast[]>([]);
  #count = 0;
  #timers = new Map<number, ReturnType<typeof setTimeout>>();

  say(text: string, offer: Offer | null = null): void {
    this.#show({ id: (this.#count += 1), text, kind: "done", offer });
  }

  /** Says what was thrown, in plain words. */
  fail(thrown: unknown): void {
    if (isAbort(thrown)) return;
    this.#show({ id: (this.#count += 1), text: sayProblem(asProblem(thrown)), kind: "failed", offer: null });
  }

  close(id: number): void {
    this.hold(id);
    this.shown = this.shown.filter((toast) => toast.id !== id);
  }

  /** Keeps a toast while somebody points at it or has its button in focus. */
  hold(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  /** Lets a toast go again. */
  release(toast: Toast): void {
    this.hold(toast.id);
    const ms = toast.offer === null ? SHOWN_MS : SHOWN_WITH_OFFER_MS;
    this.#timers.set(
      toast.id,
      setTimeout(() => this.close(toast.id), ms),
    );
  }

  #show(toast: Toast): void {
    for (const old of this.shown) {
      // Said again it is said anew, unless it offers to undo something of its own.
      if (old.text === toast.text && typeof old.offer?.run !== "function") this.close(old.id);
    }
    for (const old of this.shown.slice(0, Math.max(0, this.shown.length - SHOWN_MAX + 1))) this.close(old.id);
    this.shown = [...this.shown, toast];
    this.release(toast);
  }
}

export const toasts = new Toasts();
