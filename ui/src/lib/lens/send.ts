/** Sending a photo for one look, of which the server keeps nothing. */
import { api, must } from "../api/client.ts";
import { problemOf } from "../api/problem.ts";
import { headersOf } from "../api/targets.ts";
import { MIME } from "./shrink.ts";

/** Sends a photo, which is gone after one look; returns its upload's id. Throws a `Problem`. */
export async function send(photo: Blob, signal: AbortSignal): Promise<string> {
  const body = { mime: MIME, length: photo.size } as const;
  const target = await must(api.POST("/v1/uploads", { body, signal }));
  const answer = await fetch(target.url, {
    method: target.method,
    headers: headersOf(target),
    body: photo,
    signal,
  });
  if (answer.ok) return target.id;
  const said: unknown = await answer.json().catch(() => null);
  throw problemOf(said, answer.status, answer.headers.get("retry-after"));
}
