import { describe, expect, it } from "vitest";
import { asProblem, Problem, problemOf, sayProblem } from "./problem.ts";

describe("problemOf", () => {
  it("reads a document's code, sentence and field", () => {
    const body = {
      type: "/problems/exists",
      title: "",
      status: 409,
      detail: "this handle is taken",
      request_id: "1",
      field: "handle",
    };
    const problem = problemOf(body, 409, null);
    expect(problem).toMatchObject({
      code: "exists",
      message: "This handle is taken.",
      status: 409,
      field: "handle",
    });
  });

  it.each([
    ["expected `str` of length >= 1", "This is needed."],
    ["expected `str` of length >= 10", "At least 10 characters are needed."],
    ["expected `str` of length <= 60", "At most 60 characters fit."],
    ["expected `str` matching regex '^[^@\\\\s]+@[^@\\\\s]+$'", "This does not look like an e-mail address."],
    ["", "The server refused, and did not say why."],
  ])("puts %s plainly", (detail, words) => {
    const body = { type: "/problems/invalid", title: "", status: 400, detail, request_id: "1", field: "x" };
    expect(problemOf(body, 400, null).message).toBe(words);
  });

  it("makes do with no document", () => {
    expect(problemOf("<html>", 502, null).code).toBe("internal");
    expect(problemOf(undefined, 500, null).code).toBe("internal");
  });
});

describe("asProblem", () => {
  it("takes a failed fetch for being offline, and keeps a problem", () => {
    expect(asProblem(new TypeError("Failed to fetch")).code).toBe("offline");
    const problem = new Problem("stale", "x");
    expect(asProblem(problem)).toBe(problem);
  });
});

describe("sayProblem", () => {
  it("says when to try again", () => {
    expect(sayProblem(new Problem("throttled", "Too many attempts.", 429, "", 40))).toBe(
      "Too many attempts. Try again in 40 seconds.",
    );
    expect(sayProblem(new Problem("throttled", "Too many.", 429, "", 600))).toContain("10 minutes");
    expect(sayProblem(new Problem("invalid", "No."))).toBe("No.");
  });
});
