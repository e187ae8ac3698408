/** What stands where a picture will be: a blur from its ThumbHash, made once. */
import { thumbHashToDataURL } from "thumbhash";

const KEPT_MAX = 600;
const kept = new Map<string, string>();

/** Returns a data address for a ThumbHash in base64, "" where it is none. */
export function blurOf(thumbhash: string): string {
  if (thumbhash === "") return "";
  const known = kept.get(thumbhash);
  if (known !== undefined) return known;
  if (kept.size >= KEPT_MAX) kept.clear();
  const address = decode(thumbhash);
  kept.set(thumbhash, address);
  return address;
}

function decode(thumbhash: string): string {
  try {
    return thumbHashToDataURL(Uint8Array.from(atob(thumbhash), (character) => character.charCodeAt(0)));
  } catch {
    return "";
  }
}
