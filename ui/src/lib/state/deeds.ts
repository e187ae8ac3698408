/** What can be done with pins and boards, each with its way back. */
import { api, type Board, must, once, type Pin } from "../api/client.ts";
import { asProblem, Problem } from "../api/problem.ts";
import { to } from "../router/places.ts";
import { count } from "../text/words.ts";
import { boardGone, boardMade, pinGone, pinSaved } from "./memory.svelte.ts";
import { type Offer, toasts } from "./toasts.svelte.ts";

const AT_ONCE_MAX = 100;

async function restorePin(pin: string): Promise<void> {
  pinSaved(await must(api.POST("/v1/pins/{pin}/restore", { params: { path: { pin } } })));
}

/** Puts pins into the trash, one by one; says so, with an offer to undo it. */
export async function deletePins(pins: readonly Pin[]): Promise<void> {
  const gone: Pin[] = [];
  try {
    for (const pin of pins) {
      await must(api.DELETE("/v1/pins/{pin}", { params: { path: { pin: pin.id } } }));
      gone.push(pin);
      pinGone(pin.id);
    }
  } finally {
    if (gone.length > 0) {
      toasts.say(gone.length === 1 ? "Deleted." : `Deleted ${count(gone.length, "pin")}.`, {
        label: "Undo",
        run: async () => {
          for (const pin of gone.toReversed()) await restorePin(pin.id);
        },
      });
    }
  }
}

interface Carried {
  /** Where the pins that were carried are now, by what they were called before. */
  now: Map<string, string>;
  /** What kept some of them, if anything. */
  problem: Problem | null;
}

const KEPT = (code: string) =>
  new Problem(code, code === "exists" ? "The board has that link already." : "They stay where they are.");

/** Moves or copies pins, many at once; what was carried before a problem stays carried, and is told. */
async function carry(pins: readonly string[], board: string, copy: boolean): Promise<Carried> {
  const carried: Carried = { now: new Map(), problem: null };
  for (let at = 0; at < pins.length; at += AT_ONCE_MAX) {
    const body = { pins: pins.slice(at, at + AT_ONCE_MAX), board, copy };
    try {
      const { items } = await must(api.POST("/v1/pins/move", { body, params: { header: once() } }));
      for (const { pin, now, problem } of items) {
        if (now === null) carried.problem = KEPT(problem ?? "internal");
        else carried.now.set(pin, now);
      }
    } catch (thrown) {
      carried.problem = asProblem(thrown);
      break;
    }
  }
  return carried;
}

/** Says how it went: all of it in `done`, or else as a problem, how many were carried and what kept the rest. */
function report({ now, problem }: Carried, wanted: number, done: string, offer: Offer): void {
  if (problem === null) {
    toasts.say(done, offer);
    return;
  }
  if (now.size > 0) toasts.say(`${now.size} of ${count(wanted, "pin")}: ${done}`, offer);
  throw problem;
}

const idsOf = (pins: readonly Pin[]) => pins.map((pin) => pin.id);

/** Moves pins to a board; says so, with an offer to move them back. */
export async function movePins(pins: readonly Pin[], board: Board): Promise<void> {
  const from = pins[0]?.board.id ?? "";
  const moved = await carry(idsOf(pins), board.id, false);
  for (const pin of moved.now.keys()) pinGone(pin);
  const back = async (): Promise<void> => {
    const { now, problem } = await carry([...moved.now.values()], from, false);
    for (const pin of now.values()) {
      pinSaved(await must(api.GET("/v1/pins/{pin}", { params: { path: { pin } } })));
    }
    if (problem !== null) throw problem;
  };
  report(moved, pins.length, `Moved to ${board.name}.`, { label: "Undo", run: back });
}

/** Copies pins to a board. */
export async function copyPins(pins: readonly Pin[], board: Board): Promise<void> {
  const copied = await carry(idsOf(pins), board.id, true);
  report(copied, pins.length, `Saved to ${board.name}.`, { label: "View", run: to.board(board.id) });
}

/** Saves somebody's pin to a board of one's own. */
export async function keepPin(pin: Pin, board: Board): Promise<void> {
  const answer = api.POST("/v1/boards/{board}/pins", {
    params: { path: { board: board.id }, header: once() },
    body: { pin_id: pin.id },
  });
  const saved = await must(answer);
  const isNew = (await answer).response.status === 201;
  if (isNew) pinSaved(saved);
  toasts.say(isNew ? `Saved to ${board.name}.` : `${board.name} has this already.`, {
    label: "View",
    run: to.board(board.id),
  });
}

/** Puts a board into the trash; says so, with an offer to undo it. */
export async function deleteBoard(board: Board): Promise<void> {
  await must(api.DELETE("/v1/boards/{board}", { params: { path: { board: board.id } } }));
  boardGone(board.id);
  toasts.say(`Deleted ${board.name}.`, {
    label: "Undo",
    run: async () => {
      boardMade(
        await must(api.POST("/v1/boards/{board}/restore", { params: { path: { board: board.id } } })),
      );
    },
  });
}
