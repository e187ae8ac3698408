/** How pins are named in words. */
import type { BoardRef, Entry, Person, Pin } from "../api/client.ts";
import { hostOf } from "./words.ts";

/** The title, or the host of the link, or what it is. */
export function nameOf(pin: Pin): string {
  return pin.title || (pin.url ? hostOf(pin.url) : "") || "Untitled photo";
}

/** What stands for the picture where it is not seen. */
export function altOf(pin: Pin): string {
  return pin.alt || pin.title || `Photo saved by ${pin.saved_by?.name ?? "somebody"}`;
}

/** Where the link leads: the site's own name, or its host. */
export function siteOf(pin: Pin): string {
  return pin.site || (pin.url ? hostOf(pin.url) : "");
}

/** Whether the site stands under the tile: not where it is the pin's name already. */
export function hasSite(pin: Pin): boolean {
  return pin.url !== null && (pin.title !== "" || pin.picture !== null);
}

/** What a page without a picture says under its name: what it is about, or where on its site it is. */
export function aboutOf(pin: Pin): string {
  if (pin.description) return pin.description;
  const place = pin.url && URL.canParse(pin.url) ? new URL(pin.url) : null;
  return place === null || place.pathname === "/" ? "" : place.pathname;
}

const FAILURES: Record<string, string> = {
  "bad-address": "its address cannot be read.",
  "not-public": "its address is not on the public web.",
  "port-refused": "its address names an unusual port, where Bowerbird does not look.",
  "no-such-host": "there is no site of that name.",
  unreachable: "the site did not answer.",
  timeout: "the site took too long to answer.",
  "too-large": "it is too large.",
  "too-many-redirects": "it only ever points elsewhere.",
  "bad-answer": "the site answered with an error.",
  "refused-by-site": "the site does not want to be read by programs.",
  "not-a-page": "it is neither a page nor a picture.",
  "picture-refused": "its picture cannot be shown.",
};

/** Why a page's details are not there, as the end of a sentence. */
export function failureOf(pin: Pin): string {
  return FAILURES[pin.failure] ?? "the reason is not known.";
}

/**
 * Why a pin is in the feed: who saved it, and to which board, "shared with you" where that is the reason; and for how
 * many others it stands that they saved there at about the same time.
 */
export interface Why {
  person: Person | null;
  board: BoardRef;
  shared: boolean;
  more: number;
}

export function whyOf({ pin, why, more }: Entry): Why {
  if (why.reason === "follows") {
    return { person: why.person, board: pin.board, shared: false, more };
  }
  return { person: pin.saved_by, board: why.board, shared: true, more };
}
