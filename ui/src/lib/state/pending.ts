/** Waits, with patience, for the details of links that were just saved. */
import { api, must, type Pin } from "../api/client.ts";
import { pinChanged } from "./memory.svelte.ts";

const WAITS_MS = [700, 1_000, 1_500, 2_500, 4_000, 6_000, 10_000, 15_000, 20_000];
const WATCHED_MAX = 24;
const watched = new Set<string>();

/** Asks for a pin again, ever more seldom, until its details are in; stops when told to, or after a minute. */
export function watchPending(pin: Pin, changed: (pin: Pin) => void = pinChanged): () => void {
  if (pin.details !== "pending" || watched.has(pin.id) || watched.size >= WATCHED_MAX) return () => undefined;
  const { id } = pin;
  watched.add(id);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => {
    clearTimeout(timer);
    watched.delete(id);
  };
  const ask = async (tried: number) => {
    try {
      const now = await must(api.GET("/v1/pins/{pin}", { params: { path: { pin: id } } }));
      if (!watched.has(id)) return;
      if (now.version !== pin.version) changed(now);
      if (now.details !== "pending") stop();
      else wait(tried + 1);
    } catch {
      stop();
    }
  };
  const wait = (tried: number) => {
    const ms = WAITS_MS[tried];
    if (ms === undefined) stop();
    else timer = setTimeout(() => void ask(tried), ms);
  };
  wait(0);
  return stop;
}
