/** People and boards that somebody may want to follow, and to look at. */
import { SvelteSet } from "svelte/reactivity";
import { api, must, type ProposedBoard, type ProposedPerson } from "../api/client.ts";
import { remember } from "./memory.svelte.ts";

const PROPOSED_MAX = 6;

class Proposals {
  people = $state.raw<readonly ProposedPerson[]>([]);
  boards = $state.raw<readonly ProposedBoard[]>([]);
  readonly followed = new SvelteSet<string>();
  #asked = false;

  /** Asks once; what cannot be had is not missed. */
  async load(): Promise<void> {
    if (this.#asked) return;
    this.#asked = true;
    const query = { limit: PROPOSED_MAX };
    try {
      const [people, boards] = await Promise.all([
        must(api.GET("/v1/ideas/people", { params: { query } })),
        must(api.GET("/v1/ideas/boards", { params: { query } })),
      ]);
      this.people = people.items;
      this.boards = boards.items;
    } catch {
      // Ideas are there without them.
    }
  }

  follow(person: string, now: boolean): void {
    if (now) this.followed.add(person);
    else this.followed.delete(person);
  }
}

export const myProposals = (): Proposals => remember("ideas/proposals", () => new Proposals());
