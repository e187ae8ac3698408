/** What somebody wishes about what they are shown: granted at once, listed, and taken back. */
import { api, must, type NewTuning, type Tuning } from "../api/client.ts";
import { type Choice, isAgainst } from "../text/because.ts";
import type { Ideas } from "./ideas.ts";
import { Paged } from "./paged.svelte.ts";
import { toasts } from "./toasts.svelte.ts";

export const makeWish = (body: NewTuning): Promise<Tuning> => must(api.POST("/v1/me/tunings", { body }));

export const takeBack = (tuning: string): Promise<unknown> =>
  must(api.DELETE("/v1/me/tunings/{tuning}", { params: { path: { tuning } } }));

/** Grants a wish about ideas: those that it is against go at once; says so, with an offer to undo it. */
export async function wish(list: Ideas, { wish: wanted, said }: Choice): Promise<void> {
  const putBack = list.takeOut(({ pin, because }) => isAgainst(wanted, pin.id, because));
  try {
    const { id } = await makeWish(wanted);
    const undo = async () => {
      await takeBack(id);
      putBack();
    };
    toasts.say(said, { label: "Undo", run: undo });
  } catch (thrown) {
    putBack();
    toasts.fail(thrown);
  }
}

/** All one's wishes, newest first. */
export function myWishes(): Paged<Tuning> {
  return new Paged<Tuning>(
    async () => ({ items: (await must(api.GET("/v1/me/tunings"))).items, next: null }),
    (tuning) => tuning.id,
  );
}
