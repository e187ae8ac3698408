/** The API as typed calls, generated from its OpenAPI file; what may be repeated is, a few times, before it fails. */
import createClient from "openapi-fetch";
import { asProblem, isAbort, type Problem, problemOf } from "./problem.ts";
import type { components, paths } from "./schema.d.ts";

type Schemas = components["schemas"];
export type Because = Schemas["Because"];
export type Board = Schemas["Board"];
export type BoardRef = Schemas["BoardRef"];
export type Blocked = Schemas["Blocked"];
export type Entry = Schemas["Entry"];
export type FoundBoard = Schemas["FoundBoard"];
export type FoundPerson = Schemas["FoundPerson"];
export type FoundPin = Schemas["FoundPin"];
export type Idea = Schemas["Idea"];
export type Label = Schemas["Label"];
export type LensPage = Schemas["LensPage"];
export type Me = Schemas["Me"];
export type NewTuning = Schemas["NewTuning"];
export type Person = Schemas["Person"];
export type Picture = Schemas["Picture"];
export type Piece = Schemas["Piece"];
export type Pin = Schemas["Pin"];
export type PinRef = Schemas["PinRef"];
export type ProposedBoard = Schemas["ProposedBoard"];
export type ProposedPerson = Schemas["ProposedPerson"];
export type Session = Schemas["Session"];
export type Share = Schemas["Share"];
export type Sources = Schemas["Sources"];
export type Suggestion = Schemas["Suggestions"]["items"][number];
export type Tie = Schemas["Tie"];
export type Token = Schemas["Token"];
export type TopicCard = Schemas["TopicCard"];
export type Trashed = Schemas["Trashed"];
export type Tuning = Schemas["Tuning"];
export type Uploaded = Schemas["Uploaded"];
export type User = Schemas["User"];
export interface Page<T> {
  items: T[];
  next: string | null;
}
export type Visibility = Board["visibility"];
export type Role = Share["role"];

const TRIES = 3;
const WAIT_MS = 400;
const WAIT_MAX_S = 3;
const KEY = "Idempotency-Key";

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** A random name for a request that must be carried out once; `crypto.randomUUID` is missing on plain http. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

/** Repeats what may be repeated when the network fails or the server asks for a moment. */
async function patientFetch(request: Request): Promise<Response> {
  const repeatable = request.method !== "POST" || request.headers.has(KEY);
  for (let tried = 1; ; tried += 1) {
    const last = tried >= TRIES || !repeatable;
    try {
      const response = await fetch(last ? request : request.clone());
      const wait = Number(response.headers.get("retry-after") ?? 1);
      if (last || response.status !== 503 || wait > WAIT_MAX_S) return response;
      await pause(wait * 1000);
    } catch (thrown) {
      if (last || isAbort(thrown)) throw thrown;
      await pause(WAIT_MS * tried);
    }
  }
}

export const api = createClient<paths>({ baseUrl: location.origin, fetch: patientFetch });

/** Told when the server no longer knows who we are. */
let onSignedOut: (problem: Problem) => void = () => undefined;

export function whenSignedOut(listener: (problem: Problem) => void): void {
  onSignedOut = listener;
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Waits for an answer and returns its body; throws a `Problem`. */
export async function must<T>(answer: Promise<Answer<T>>): Promise<T> {
  let given: Answer<T>;
  try {
    given = await answer;
  } catch (thrown) {
    throw isAbort(thrown) ? thrown : asProblem(thrown);
  }
  if (given.response.ok) return given.data as T;
  const problem = problemOf(given.error, given.response.status, given.response.headers.get("retry-after"));
  if (problem.code === "unauthenticated" && problem.field === "") onSignedOut(problem);
  throw problem;
}

/** The header of a request that must be carried out once. */
export const once = () => ({ "Idempotency-Key": newKey() });

/** The header of an edit that must not undo somebody else's. */
export const ifVersion = (version: number) => ({ "If-Match": `"v${version}"` });
