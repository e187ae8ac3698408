/** Where the page is: follows links and the browser's history without loading anew, and opens pins over what is there. */
import { tick } from "svelte";
import { parse, type PinPlace, type Place } from "./places.ts";

interface Entry {
  /** Names this entry of the history. */
  key: string;
  /** The address over which a pin is open, and that address's entry; absent when the place is a page of its own. */
  over?: string;
  overKey?: string;
  /** How many pins were opened one from another to come here: so many entries back is that address. */
  depth?: number;
  /** The first of them. */
  first?: string;
}

const PLACES_MAX = 60;

function entryNow(): Entry {
  const state: unknown = history.state;
  return typeof state === "object" && state !== null && "key" in state
    ? (state as Entry)
    : { key: newEntryKey() };
}

function newEntryKey(): string {
  return Math.random().toString(36).slice(2);
}

/** What the address bar shows, from the path on. */
const shown = () => location.pathname + location.search;

class Router {
  /** The address of the place. */
  address = $state(shown());
  place = $state.raw<Place>(parse(shown()));
  /** The pin that is open over the place. */
  over = $state.raw<PinPlace | null>(null);
  /** Grows with every visit of a place: pages are made anew for each. */
  visit = $state(0);
  /** Whether one came by the browser's back or forward: what was loaded before is then good enough. */
  returning = $state(false);

  /** What scrolls, while a pin lies over the place. */
  scroller: Element | null = null;

  #key = entryNow().key;
  #scrolls = new Map<string, number>();

  start(): () => void {
    history.scrollRestoration = "manual";
    history.replaceState({ key: this.#key } satisfies Entry, "");
    const onPop = () => this.#arrive(true);
    const onClick = (event: MouseEvent) => this.#click(event);
    addEventListener("popstate", onPop);
    document.addEventListener("click", onClick);
    return () => {
      removeEventListener("popstate", onPop);
      document.removeEventListener("click", onClick);
    };
  }

  go(href: string, { over = false, replace = false } = {}): void {
    this.#keepScroll();
    const instead = replace || href === shown();
    const entry: Entry = { key: newEntryKey(), ...(over ? this.#behind(href, instead) : {}) };
    if (instead) history.replaceState(entry, "", href);
    else history.pushState(entry, "", href);
    this.#arrive(false);
  }

  /** What a pin notes that opens over the place, or over another pin there. */
  #behind(href: string, instead: boolean): Omit<Entry, "key"> {
    const { overKey = "", depth = 1, first = "" } = entryNow();
    const over = this.address;
    if (this.over === null) {
      const place = parse(href);
      return { over, overKey: this.#key, depth: 1, first: place.page === "pin" ? place.id : "" };
    }
    return { over, overKey, depth: instead ? depth : depth + 1, first };
  }

  /** The pin that was opened over the place before others were opened from it; "" where none is open. */
  get first(): string {
    return entryNow().first ?? "";
  }

  /** Where one is, a pin that is open over the place included: to come back to. */
  get here(): string {
    return shown();
  }

  /** Closes the pin that is open over the place, and those that it was opened from. */
  closeOver(): void {
    if (this.over !== null) history.go(-(entryNow().depth ?? 1));
  }

  #click(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const anchor = event.target instanceof Element ? event.target.closest("a") : null;
    if (anchor?.target !== "" || anchor.hasAttribute("download")) return;
    if (anchor.origin !== location.origin || anchor.dataset["reload"] !== undefined) return;
    if (anchor.pathname === location.pathname && anchor.hash !== "") return;
    event.preventDefault();
    this.go(anchor.pathname + anchor.search, { over: anchor.dataset["over"] !== undefined });
  }

  #keepScroll(): void {
    this.#scrolls.delete(this.#key);
    this.#scrolls.set(this.#key, this.over === null ? scrollY : (this.scroller?.scrollTop ?? 0));
    const oldest = this.#scrolls.keys().next();
    if (this.#scrolls.size > PLACES_MAX && !oldest.done) this.#scrolls.delete(oldest.value);
  }

  #arrive(returning: boolean): void {
    if (returning) this.#keepScroll();
    const entry = entryNow();
    const next = parse(shown());
    this.#key = entry.key;
    this.returning = returning;
    if (next.page === "pin" && entry.over !== undefined) {
      this.over = next;
      if (entry.over !== this.address) this.#show(entry.over, true, entry.overKey ?? "");
      void this.#settleOver(returning, entry.key);
      return;
    }
    const closing = this.over !== null && shown() === this.address;
    this.over = null;
    if (closing && returning) return;
    this.#show(shown(), returning, entry.key);
  }

  #show(address: string, returning: boolean, key: string): void {
    this.address = address;
    this.place = parse(address);
    this.visit += 1;
    void this.#settle(returning, key);
  }

  async #settleOver(returning: boolean, key: string): Promise<void> {
    await tick();
    this.scroller?.scrollTo({ top: returning ? (this.#scrolls.get(key) ?? 0) : 0, behavior: "instant" });
  }

  async #settle(returning: boolean, key: string): Promise<void> {
    await tick();
    scrollTo({ top: returning ? (this.#scrolls.get(key) ?? 0) : 0, behavior: "instant" });
    const main = document.getElementById("main");
    if (!returning && !main?.contains(document.activeElement)) main?.focus({ preventScroll: true });
  }
}

export const router = new Router();
