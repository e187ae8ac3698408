/** The topics that one may like, and which one has said that one does. */
import { api, must, type TopicCard } from "../api/client.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import { makeWish, takeBack } from "./wishes.ts";
import { toasts } from "./toasts.svelte.ts";

export class Topics {
  items = $state.raw<readonly TopicCard[]>([]);
  ready = $state(false);
  problem = $state.raw<Problem | null>(null);

  readonly chosen = $derived(this.items.filter((topic) => topic.chosen).length);

  async load(): Promise<void> {
    this.problem = null;
    try {
      this.items = (await must(api.GET("/v1/topics"))).items;
      this.ready = true;
    } catch (thrown) {
      this.problem = asProblem(thrown);
    }
  }

  /** Likes a topic, or likes it no more; shows it at once. */
  async toggle({ id, chosen }: TopicCard): Promise<void> {
    this.#show(id, !chosen);
    try {
      // A wish that is there already is made again for its id.
      const made = await makeWish({ wish: "interest", topic: id });
      if (chosen) await takeBack(made.id);
    } catch (thrown) {
      this.#show(id, chosen);
      toasts.fail(thrown);
    }
  }

  #show(id: number, chosen: boolean): void {
    this.items = this.items.map((topic) => (topic.id === id ? { ...topic, chosen } : topic));
  }
}
