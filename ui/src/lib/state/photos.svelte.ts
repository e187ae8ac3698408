/** The photos of one save: chosen, sent side by side, and turned into pins, each once however often that is tried. */
import { api, must, type Pin } from "../api/client.ts";
import { Problem } from "../api/problem.ts";
import { count } from "../text/words.ts";
import { pinSaved } from "./memory.svelte.ts";
import { isPhoto, Upload } from "./uploads.svelte.ts";

const PHOTOS_MAX = 30;

export class Photos {
  uploads = $state.raw<Upload[]>([]);
  /** What became of files that were chosen and are not among them; "" where all are. */
  note = $state("");

  readonly moving = $derived(this.uploads.some((upload) => !["ready", "failed"].includes(upload.state)));
  readonly usable = $derived(this.uploads.filter((upload) => upload.state !== "failed").length);

  /** How many one has already. */
  readonly known = $derived(this.uploads.filter((upload) => upload.copy !== null).length);

  add(files: Iterable<File>): void {
    const all = [...files];
    const photos = all.filter(isPhoto);
    const fitting = photos.slice(0, PHOTOS_MAX - this.uploads.length);
    const added = fitting.map((file) => new Upload(file));
    this.note = this.#noteOn(all, photos.length, fitting.length);
    this.uploads = [...this.uploads, ...added];
    for (const upload of added) upload.start();
  }

  #noteOn(all: readonly File[], photos: number, fitting: number): string {
    const other = all.find((file) => !isPhoto(file));
    const others = all.length - photos;
    if (fitting < photos) {
      return `${PHOTOS_MAX} photos at a time: ${count(photos - fitting, "is", "are")} left out.`;
    }
    if (!other) return "";
    const what = others === 1 ? `${other.name} is left out` : `${others} files are left out`;
    return `${what}: JPEG, PNG, GIF and WebP photos are taken.`;
  }

  remove(upload: Upload): void {
    upload.dispose();
    this.uploads = this.uploads.filter((each) => each !== upload);
  }

  dispose(): void {
    for (const upload of this.uploads) upload.dispose();
  }

  /** Waits for what is on its way and saves what is ready; keeps what failed, and then throws a problem. */
  async save(board: string): Promise<Pin[]> {
    await Promise.all(this.uploads.map((upload) => upload.settled));
    const ready = this.uploads.filter((upload) => upload.state === "ready");
    const failed = this.uploads.filter((upload) => upload.state === "failed");
    const pins: Pin[] = [];
    for (const upload of ready) pins.push(await saveOne(upload, board));
    if (failed.length === 0) return pins;
    for (const upload of ready) upload.dispose();
    this.uploads = failed;
    throw new Problem(
      "refused",
      `${count(pins.length, "photo was", "photos were")} saved, the rest could not be.`,
      422,
    );
  }
}

async function saveOne(upload: Upload, board: string): Promise<Pin> {
  const texts = Object.entries({ title: upload.title, alt: upload.alt }).filter(
    ([, text]) => text.trim() !== "",
  );
  const pin = await must(
    api.POST("/v1/boards/{board}/pins", {
      params: { path: { board }, header: upload.key },
      body: { upload_id: upload.uploaded?.upload_id ?? "", ...Object.fromEntries(texts) },
    }),
  );
  pinSaved(pin);
  return pin;
}
