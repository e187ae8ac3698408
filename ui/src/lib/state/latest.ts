/** Work of which only what was begun last counts. */

type Work = (signal: AbortSignal) => Promise<void>;

export class Latest {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #begun: AbortController | undefined;

  /** Gives up what was begun before, and begins after a pause; the signal tells the work when it counts no more. */
  begin(work: Work, pauseMs: number): void {
    this.stop();
    const begun = new AbortController();
    this.#begun = begun;
    this.#timer = setTimeout(() => void work(begun.signal), pauseMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#begun?.abort();
  }
}
