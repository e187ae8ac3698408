/** A list that is read a page at a time, by cursor, and stays right when its things change. */
import { untrack } from "svelte";
import type { Page } from "../api/client.ts";
import { asProblem, type Problem } from "../api/problem.ts";

/** A page may be empty while there is more: so many are asked for before the reader is. */
const REFILLS_MAX = 4;

export class Paged<T> {
  items = $state.raw<T[]>([]);
  /** Whether there is more; true before the first page is in. */
  more = $state(true);
  loading = $state(false);
  /** Whether the first page is in. */
  begun = $state(false);
  problem = $state.raw<Problem | null>(null);

  readonly #read: (cursor: string | undefined) => Promise<Page<T>>;
  readonly #key: (item: T) => string;
  #next: string | undefined;

  constructor(read: (cursor: string | undefined) => Promise<Page<T>>, key: (item: T) => string) {
    this.#read = read;
    this.#key = key;
  }

  /** Reads the first page, unless that was tried before; what an effect may call: it depends on nothing here. */
  begin(): void {
    untrack(() => {
      if (!this.begun && this.problem === null) void this.load();
    });
  }

  /** Reads the next page; does nothing while one is being read or when there is none. */
  async load(): Promise<void> {
    if (this.loading || !this.more) return;
    this.loading = true;
    this.problem = null;
    try {
      await this.#fill();
    } catch (thrown) {
      this.problem = asProblem(thrown);
    } finally {
      this.loading = false;
    }
  }

  async #fill(): Promise<void> {
    for (let asked = 0; asked < REFILLS_MAX; asked += 1) {
      const page = await this.#read(this.#next);
      this.#append(page.items);
      this.#next = page.next ?? undefined;
      this.more = page.next !== null;
      this.begun = true;
      if (page.items.length > 0 || !this.more) return;
    }
  }

  #append(items: readonly T[]): void {
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- it lives as long as this call
    const known = new Set(this.items.map(this.#key));
    this.items = [...this.items, ...items.filter((item) => !known.has(this.#key(item)))];
  }

  has(key: string): boolean {
    return this.items.some((item) => this.#key(item) === key);
  }

  /** Puts a thing first, or in place of the one with its key. */
  put(item: T): void {
    const key = this.#key(item);
    this.items = this.has(key)
      ? this.items.map((old) => (this.#key(old) === key ? item : old))
      : [item, ...this.items];
  }

  change(key: string, change: (item: T) => T): void {
    if (this.has(key)) this.items = this.items.map((item) => (this.#key(item) === key ? change(item) : item));
  }

  /** Takes things out; what is returned puts them back where they were. */
  takeOut(isGone: (item: T) => boolean): () => void {
    const gone = [...this.items.entries()].filter(([, item]) => isGone(item));
    this.items = this.items.filter((item) => !isGone(item));
    return () => {
      const items = [...this.items];
      for (const [at, item] of gone) if (!this.has(this.#key(item))) items.splice(at, 0, item);
      this.items = items;
    };
  }

  remove(key: string): void {
    if (this.has(key)) this.items = this.items.filter((item) => this.#key(item) !== key);
  }
}
