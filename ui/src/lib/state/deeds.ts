/** What can be done with pins and boards, each with its way back. */
import { api, type Board, must, once, type Pin } from "../api/client.ts";
import { Problem } from "../api/problem.ts";
import { to } from "../router/places.ts";
import { count } from "../text/words.ts";
import { boardGone, boardMade, pinGone, pinSaved } from "./memory.svelte.ts";
import { toasts } from "./toasts.svelte.ts";

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

interface Taken {
  /** The pins where they are now. */
  now: string[];
  /** The code of a problem that kept some of them, if any. */
  problem: string | null;
}

async function carry(pins: readonly string[], board: string, copy: boolean): Promise<Taken> {
  const now: string[] = [];
  let problem: string | null = null;
  for (let at = 0; at < pins.length; at += AT_ONCE_MAX) {
    const part = pins.slice(at, at + AT_ONCE_MAX);
    const { items } = await must(
      api.POST("/v1/pins/move", { body: { pins: part, board, copy }, params: { header: once() } }),
    );
    for (const item of items) {
      if (item.now === null) problem = item.problem;
      else now.push(item.now);
    }
  }
  return { now, problem };
}

function mustAll(taken: Taken, wanted: number, verb: string): void {
  if (taken.now.length === wanted) return;
  const some = taken.now.length > 0 ? `Only ${taken.now.length} of ${wanted} were ${verb}. ` : "";
  const why = taken.problem === "exists" ? "The board has that link already." : `They could not be ${verb}.`;
  throw new Problem(taken.problem ?? "internal", some + why);
}

/** Moves pins to a board; says so, with an offer to move them back. */
export async function movePins(pins: readonly Pin[], board: Board): Promise<void> {
  const from = pins[0]?.board.id;
  const taken = await carry(
    pins.map((pin) => pin.id),
    board.id,
    false,
  );
  for (const pin of pins) pinGone(pin.id);
  const back = async (): Promise<void> => {
    if (from === undefined) return;
    const { now } = await carry(taken.now, from, false);
    for (const id of now) pinSaved(await must(api.GET("/v1/pins/{pin}", { params: { path: { pin: id } } })));
  };
  mustAll(taken, pins.length, "moved");
  toasts.say(`Moved to ${board.name}.`, { label: "Undo", run: back });
}

/** Copies pins to a board. */
export async function copyPins(pins: readonly Pin[], board: Board): Promise<void> {
  const taken = await carry(
    pins.map((pin) => pin.id),
    board.id,
    true,
  );
  mustAll(taken, pins.length, "copied");
  toasts.say(`Saved to ${board.name}.`, { label: "View", run: to.board(board.id) });
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
