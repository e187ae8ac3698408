/** What may be meant by what was typed so far: asked for when typing pauses, and only the last answer counts. */
import type { Suggestion } from "../api/client.ts";

const PAUSE_MS = 150;

type Ask = (typed: string, signal: AbortSignal) => Promise<readonly Suggestion[]>;

export class Suggester {
  items = $state.raw<readonly Suggestion[]>([]);
  readonly #ask: Ask;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked: AbortController | undefined;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Asks for what `typed` may become, unless more is typed at once; what is there stays until the answer. */
  type(typed: string): void {
    this.#stop();
    if (typed.trim() === "") this.items = [];
    else this.#timer = setTimeout(() => void this.#find(typed), PAUSE_MS);
  }

  /** Gives up what was asked for, and forgets what was answered. */
  clear(): void {
    this.type("");
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#asked?.abort();
  }

  async #find(typed: string): Promise<void> {
    const asked = new AbortController();
    this.#asked = asked;
    let items: readonly Suggestion[];
    try {
      items = await this.#ask(typed, asked.signal);
    } catch {
      // Suggestions are a help: without them one types on.
      items = [];
    }
    if (!asked.signal.aborted) this.items = items;
  }
}
