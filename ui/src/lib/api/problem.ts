/** What went wrong, as a problem document (RFC 9457) or the lack of one says it. */
import type { components } from "./schema.d.ts";

export type ProblemDetails = components["schemas"]["ProblemDetails"];

/** `code` is the last part of the document's type, or "offline" or "internal" where there was no document. */
export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  readonly field: string;
  /** Seconds after which trying again is welcome; 0 where nothing was said. */
  readonly retryAfter: number;

  constructor(code: string, detail: string, status = 0, field = "", retryAfter = 0) {
    super(detail);
    this.code = code;
    this.status = status;
    this.field = field;
    this.retryAfter = retryAfter;
  }

  /** Whether the same may go well another time: nothing was wrong with what was asked. */
  get passing(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

function isDetails(body: unknown): body is ProblemDetails {
  return typeof body === "object" && body !== null && "type" in body && "detail" in body;
}

/** Returns the problem that a response tells. */
export function problemOf(body: unknown, status: number, retryAfter: string | null): Problem {
  if (!isDetails(body)) {
    return new Problem("internal", "The server gave an answer that makes no sense.", status);
  }
  const code = body.type.split("/").at(-1) ?? "internal";
  return new Problem(code, sentence(body.detail), status, body.field ?? "", Number(retryAfter ?? 0) || 0);
}

/** Returns whatever was thrown as a problem. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  if (thrown instanceof TypeError) {
    return new Problem("offline", "Bowerbird cannot be reached. Are you online?");
  }
  return new Problem("internal", "Something went wrong in this page.");
}

/** Whether it was thrown because the page itself gave up waiting. */
export function isAbort(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === "AbortError";
}

/** Says a problem in a line of its own: a capital first, a full stop last, and when to try again. */
export function sayProblem(problem: Problem): string {
  if (problem.retryAfter <= 0 || problem.code === "unavailable") return problem.message;
  const wait =
    problem.retryAfter < 90
      ? `${problem.retryAfter} seconds`
      : `${Math.ceil(problem.retryAfter / 60)} minutes`;
  return `${problem.message} Try again in ${wait}.`;
}

/** The checks of lengths and forms, which the API words for programs, as people say them. */
const PLAINLY: readonly (readonly [RegExp, string])[] = [
  [/^expected `(?:str|array)` of length >= 1$/, "This is needed."],
  [/^expected `str` of length >= (\d+)$/, "At least $1 characters are needed."],
  [/^expected `str` of length <= (\d+)$/, "At most $1 characters fit."],
  [/^expected `str` matching regex .*@.*$/, "This does not look like an e-mail address."],
  [/^expected `str` matching regex .*$/, "Letters, digits and _ alone."],
];

function sentence(detail: string): string {
  const text = detail.trim();
  for (const [pattern, words] of PLAINLY) {
    if (pattern.test(text)) return text.replace(pattern, words);
  }
  if (text === "") return "The server refused, and did not say why.";
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
