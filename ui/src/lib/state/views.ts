/** Tells the server what was looked at, a few at a time; losing some does no harm. */
import { api } from "../api/client.ts";
import type { components } from "../api/schema.d.ts";
import { session } from "./session.svelte.ts";

type SeenPin = components["schemas"]["SeenPin"];

const WAIT_MS = 5_000;
const BATCH_MAX = 50;
const KNOWN_MAX = 2_000;
const SEEN_MS = 1_000;
const SEEN_SHARE = 0.5;

const known = new Set<string>();
let waiting: SeenPin[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

function send(): void {
  clearTimeout(timer);
  timer = undefined;
  const views = waiting.splice(0, BATCH_MAX);
  if (views.length === 0 || session.me === null) return;
  // A view that is lost is lost: nothing is said and nothing repeated.
  api.POST("/v1/views", { body: { views }, keepalive: true }).catch(() => undefined);
  if (waiting.length > 0) send();
}

function note(view: SeenPin): void {
  if (session.me === null) return;
  waiting = [...waiting, view];
  if (waiting.length >= BATCH_MAX) send();
  else timer ??= setTimeout(send, WAIT_MS);
}

export function clicked(pin: string): void {
  note({ kind: "link_clicked", pin });
}

export function seen(pin: string): void {
  if (known.has(pin)) return;
  if (known.size >= KNOWN_MAX) known.clear();
  known.add(pin);
  note({ kind: "pin_seen", pin });
}

const timers = new WeakMap<Element, ReturnType<typeof setTimeout>>();
const pins = new WeakMap<Element, string>();

const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      clearTimeout(timers.get(target));
      const pin = pins.get(target);
      if (isIntersecting && pin !== undefined) {
        timers.set(
          target,
          setTimeout(() => seen(pin), SEEN_MS),
        );
      }
    }
  },
  { threshold: SEEN_SHARE },
);

/** Notes a pin as seen once half of it was on the screen for a second. */
export function watchSeen(pin: string): (element: Element) => () => void {
  return (element) => {
    pins.set(element, pin);
    observer.observe(element);
    return () => {
      clearTimeout(timers.get(element));
      observer.unobserve(element);
    };
  };
}

addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") send();
});
