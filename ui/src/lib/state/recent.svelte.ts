/** What was searched for lately in this browser, newest first; nobody else learns of it, and signing out forgets it. */

const KEY = "bowerbird:searches";
const KEPT_MAX = 10;

function kept(): string[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? found.filter((each) => typeof each === "string").slice(0, KEPT_MAX) : [];
  } catch {
    return [];
  }
}

class Recent {
  searches = $state.raw(kept());

  constructor() {
    addEventListener("storage", (event) => {
      if (event.key === KEY) this.searches = kept();
    });
  }

  add(query: string): void {
    this.#keep([query, ...this.searches.filter((each) => each !== query)].slice(0, KEPT_MAX));
  }

  remove(query: string): void {
    this.#keep(this.searches.filter((each) => each !== query));
  }

  clear(): void {
    this.#keep([]);
  }

  #keep(searches: string[]): void {
    this.searches = searches;
    if (searches.length === 0) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, JSON.stringify(searches));
  }
}

export const recent = new Recent();
