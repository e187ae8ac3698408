/** Why something is shown, in words; and what may be wished about it. */
import type { Because, NewTuning, PinRef, Tuning } from "../api/client.ts";
import { to } from "../router/places.ts";

/** A reason: what it begins with, and the thing that it ends with, where there is one. */
export interface Reason {
  lead: string;
  name: string;
  /** Where the thing is. */
  href: string | null;
  /** Whether it opens over the page. */
  over: boolean;
}

const LEADS = {
  saved: ["Because you saved", "Because of what you saved"],
  board: ["Because of your board", "Because of a board of yours"],
  topic: ["Because you like", "Because of what you like"],
  looks: ["It looks like", "It looks like a find of yours"],
  beside: ["Saved beside", "Saved beside a find of yours"],
} as const satisfies Partial<Record<Because["why"], readonly [string, string]>>;

/** What a pin is called in a sentence. */
export const calledPin = ({ title }: PinRef) => title || "an untitled photo";

/** Returns a reason in words; `here`: the board that one is on, which need not be named. */
export function reasonOf({ why, pin, board, topic }: Because, here = ""): Reason {
  if (board?.id === here) return { lead: "Fits this board", name: "", href: null, over: false };
  if (why === "popular") return { lead: "Popular now", name: "", href: null, over: false };
  const [lead, alone] = LEADS[why];
  if (pin) return { lead, name: calledPin(pin), href: to.pin(pin.id), over: true };
  if (board) return { lead, name: board.name, href: to.board(board.id), over: false };
  if (topic) return { lead, name: topic.name, href: to.search(topic.name.toLowerCase()), over: false };
  return { lead: alone, name: "", href: null, over: false };
}

/** Something that may be wished about an idea. */
export interface Choice {
  label: string;
  wish: NewTuning;
  /** What is said when it is granted. */
  said: string;
}

/**
 * Returns what may be wished about an idea: that it be hidden, and less for the reason that it is shown for, but for the
 * board that one is on.
 */
export function choicesFor(pin: string, { pin: cause, board, topic }: Because, here = ""): Choice[] {
  const choices: Choice[] = [{ label: "Hide this", wish: { wish: "hidden", pin_id: pin }, said: "Hidden." }];
  if (topic) {
    const wish: NewTuning = { wish: "less", topic: topic.id };
    choices.push({ label: `Less of ${topic.name}`, wish, said: `Less of ${topic.name} from now on.` });
  }
  if (cause) {
    const wish: NewTuning = { wish: "not_pin", pin_id: cause.id };
    choices.push({ label: "Not because of this pin", wish, said: `Nothing because of ${calledPin(cause)}.` });
  }
  if (board && board.id !== here) {
    const wish: NewTuning = { wish: "not_board", board_id: board.id };
    choices.push({ label: "Not because of this board", wish, said: `Nothing because of ${board.name}.` });
  }
  return choices;
}

/** Whether an idea goes when a wish is granted: it, or all that are shown for the same reason. */
export function isAgainst(wish: NewTuning, pin: string, because: Because): boolean {
  switch (wish.wish) {
    case "hidden":
      return wish.pin_id === pin;
    case "less":
      return because.topic?.id === wish.topic;
    case "not_pin":
      return because.pin?.id === wish.pin_id;
    case "not_board":
      return because.board?.id === wish.board_id;
    case "interest":
      return false;
  }
}

const WISHES: Record<Tuning["wish"], string> = {
  interest: "More of",
  less: "Less of",
  hidden: "Hidden:",
  not_pin: "Nothing because of",
  not_board: "Nothing because of",
};

/** What a wish is about, where that can still be seen. */
export function subjectOf({ wish, topic, pin, board }: Tuning): Pick<Reason, "lead" | "name" | "href"> {
  const lead = WISHES[wish];
  if (topic) return { lead, name: topic.name, href: to.search(topic.name.toLowerCase()) };
  if (pin) return { lead, name: calledPin(pin), href: to.pin(pin.id) };
  if (board) return { lead, name: board.name, href: to.board(board.id) };
  return { lead, name: "something that is gone", href: null };
}
