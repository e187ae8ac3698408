/** Whether one has a photograph already: copies of it among one's own pins. */
import { api, must, type Pin } from "../api/client.ts";
import { asking } from "./asking.svelte.ts";
import { pinChanged } from "./memory.svelte.ts";
import { watchPending } from "./pending.ts";
import { toasts } from "./toasts.svelte.ts";

/** Returns one's pins of the photograph that was uploaded; none, where nobody can tell now. */
export async function copiesOfUpload(upload: string): Promise<readonly Pin[]> {
  return known(must(api.GET("/v1/uploads/{upload}/copies", { params: { path: { upload } } })));
}

/** That one has a picture already is a help: without it one saves on. */
async function known(answer: Promise<{ items: Pin[] }>): Promise<readonly Pin[]> {
  try {
    return (await answer).items;
  } catch {
    return [];
  }
}

/** Says it when the picture of a link that was saved just now, once it is in, is one that one has already. */
export function watchCopies(pin: Pin): void {
  const look = async (now: Pin) => {
    if (now.picture === null) return;
    const answer = must(api.GET("/v1/pins/{pin}/copies", { params: { path: { pin: now.id } } }));
    const [copy] = await known(answer);
    if (copy) toasts.say("You have this picture already.", compare(now, copy));
  };
  if (pin.details !== "pending") void look(pin);
  watchPending(pin, (now) => {
    pinChanged(now);
    if (now.details !== "pending") void look(now);
  });
}

const compare = (pin: Pin, copy: Pin) => ({ label: "Compare", run: () => asking.compare(pin, copy) });
