/** Looking at a part of a picture: what is like it, asked for when the frame rests, and only the last answer counts. */
import { api, type Label, type LensPage, must } from "../api/client.ts";
import { type Box, isWhole, MIDDLE, WHOLE } from "../lens/crop.ts";
import { send } from "../lens/send.ts";
import type { Photo } from "../lens/shrink.ts";
import { Latest } from "./latest.ts";
import { keep, PinList, remember } from "./memory.svelte.ts";

const REST_MS = 350;

/** Asks what is like a part of a picture; null: like all of it. */
type Ask = (box: Box | null, signal: AbortSignal) => Promise<LensPage>;

class Seen {
  /** What the part may show. */
  labels = $state.raw<readonly Label[]>([]);
}

/** What one look found. */
export class Look extends PinList {
  readonly seen: Seen;

  constructor(ask: () => Promise<LensPage>, seen = new Seen()) {
    super(async () => {
      const { items, labels } = await ask();
      // Two kinds of things may have one name, as cranes do.
      seen.labels = labels.filter(({ name }, at) => labels.findIndex((each) => each.name === name) === at);
      return { items, next: null };
    });
    this.seen = seen;
  }
}

export class Lens {
  box: Box = $state.raw(WHOLE);
  /** What the last look found that is over; null: none is. */
  found = $state.raw<Look | null>(null);
  /** Whether there will be another answer. */
  busy = $state(false);
  readonly #name: string;
  readonly #ask: Ask;
  readonly #latest = new Latest();

  constructor(name: string, box: Box, ask: Ask) {
    this.#name = name;
    this.#ask = ask;
    this.box = box;
  }

  /** Looks, unless there is an answer already. */
  begin(): void {
    if (this.found === null) this.look(this.box);
  }

  /** Looks at a part, once the frame rests there; what was found stays until the answer. */
  look(box: Box): void {
    this.box = box;
    this.busy = true;
    this.#latest.begin((signal) => this.#look(box, signal), this.found === null ? 0 : REST_MS);
  }

  async #look(box: Box, signal: AbortSignal): Promise<void> {
    const look = new Look(() => this.#ask(isWhole(box) ? null : box, signal));
    await look.load();
    if (signal.aborted) return;
    this.found = keep(`${this.#name}/found`, look);
    this.busy = false;
  }

  stop(): void {
    this.#latest.stop();
    this.busy = false;
  }
}

/** Returns the lens over a pin's picture: its frame shows that there is one, for all of the picture is "more like this". */
export function pinLens(pin: string): Lens {
  const ask: Ask = (box, signal) => must(api.POST("/v1/lens", { body: { pin_id: pin, box }, signal }));
  const name = `lens/${pin}`;
  return remember(name, () => new Lens(name, MIDDLE, ask));
}

/** Returns a lens over a photo, which is sent anew for each look: the server keeps none. */
export function photoLens({ blob }: Photo): Lens {
  const ask: Ask = async (box, signal) => {
    const upload_id = await send(blob, signal);
    return must(api.POST("/v1/lens", { body: { upload_id, box }, signal }));
  };
  return new Lens("lens/photo", WHOLE, ask);
}
