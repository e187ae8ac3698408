/** How pins are named in words. */
import type { Entry, Pin } from "../api/client.ts";
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

/** Why a pin is in the feed, in two short lines. */
export function whyOf(entry: Entry): { who: string; what: string } {
  const { pin, why } = entry;
  if (why.reason === "follows") return { who: why.person.name, what: `saved to ${pin.board.name}` };
  const who = pin.saved_by?.name ?? "Somebody";
  return { who, what: `saved to ${why.board.name}, shared with you` };
}
