/** Where a picture's bytes are sent. */
import type { components } from "./schema.d.ts";

export type Target = components["schemas"]["UploadTarget"];

/** Returns the headers to send with them: all but the length, which the browser sets itself, and lets nobody else. */
export function headersOf(target: Target): [string, string][] {
  return Object.entries(target.headers).filter(([name]) => name.toLowerCase() !== "content-length");
}
