/** Pages that are fetched when they are first opened: kept from then on, so that coming back finds them at once. */

class Part<Page> {
  readonly #fetch: () => Promise<{ default: Page }>;
  #page: Page | undefined;

  constructor(fetch: () => Promise<{ default: Page }>) {
    this.#fetch = fetch;
  }

  /** Returns the page, or the promise of it. */
  now(): Page | Promise<Page> {
    return this.#page ?? this.#fetch().then((part) => (this.#page = part.default));
  }

  /** Fetches it, for the case that it will be opened; whoever opens it is told what goes wrong. */
  fetchAhead(): void {
    Promise.resolve(this.now()).catch(() => undefined);
  }
}

export const parts = {
  boardIdeas: new Part(() => import("./BoardIdeas.svelte")),
  firstSteps: new Part(() => import("./FirstSteps.svelte")),
  ideas: new Part(() => import("./ideas/Ideas.svelte")),
  lens: new Part(() => import("./lens/LensPage.svelte")),
  person: new Part(() => import("./PersonPage.svelte")),
  search: new Part(() => import("./search/Search.svelte")),
  settings: new Part(() => import("./settings/Settings.svelte")),
  topics: new Part(() => import("./ideas/TopicsPage.svelte")),
  trash: new Part(() => import("./Trash.svelte")),
};
