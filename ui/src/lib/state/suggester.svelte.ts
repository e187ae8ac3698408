/** What may be meant by what was typed so far: asked for when typing pauses, and only the last answer counts. */
import type { Suggestion } from "../api/client.ts";
import { Latest } from "./latest.ts";

const PAUSE_MS = 150;

type Ask = (typed: string, signal: AbortSignal) => Promise<readonly Suggestion[]>;

export class Suggester {
  items = $state.raw<readonly Suggestion[]>([]);
  readonly #ask: Ask;
  readonly #latest = new Latest();

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Asks for what `typed` may become, unless more is typed at once; what is there stays until the answer. */
  type(typed: string): void {
    if (typed.trim() === "") this.clear();
    else this.#latest.begin((signal) => this.#find(typed, signal), PAUSE_MS);
  }

  /** Gives up what was asked for, and forgets what was answered. */
  clear(): void {
    this.#latest.stop();
    this.items = [];
  }

  async #find(typed: string, signal: AbortSignal): Promise<void> {
    let items: readonly Suggestion[];
    try {
      items = await this.#ask(typed, signal);
    } catch {
      // Suggestions are a help: without them one types on.
      items = [];
    }
    if (!signal.aborted) this.items = items;
  }
}
