/** Photos on their way: each gets a signed target, is sent straight there with its progress shown, and is verified. */
import { api, must, once, type Pin, type Uploaded } from "../api/client.ts";
import { asProblem, Problem, problemOf } from "../api/problem.ts";
import type { components } from "../api/schema.d.ts";
import { headersOf, type Target } from "../api/targets.ts";
import { copiesOfUpload } from "./copies.ts";

type Mime = components["schemas"]["NewUpload"]["mime"];

const MIMES: readonly Mime[] = ["image/jpeg", "image/png", "image/gif", "image/webp"];
export const ACCEPT = MIMES.join(",");
const AT_ONCE_MAX = 2;

function mimeOf(file: File): Mime | undefined {
  return MIMES.find((mime) => mime === file.type);
}

/** Whether Bowerbird takes it, by the type that the browser gives it. */
export function isPhoto(file: File): boolean {
  return mimeOf(file) !== undefined;
}

function bodyOf(request: XMLHttpRequest): unknown {
  try {
    return JSON.parse(request.responseText);
  } catch {
    return null;
  }
}

class Gate {
  #free = AT_ONCE_MAX;
  #waiting: (() => void)[] = [];

  async enter(): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((go) => this.#waiting.push(go));
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}

const gate = new Gate();

export class Upload {
  readonly file: File;
  /** An address under which this page alone shows the photo; `dispose` ends it. */
  readonly preview: string;
  /** From 0 to 1, of the bytes. */
  progress = $state(0);
  state = $state<"waiting" | "sending" | "checking" | "ready" | "failed">("waiting");
  problem = $state.raw<Problem | null>(null);
  uploaded = $state.raw<Uploaded | null>(null);
  /** A pin of one's own that has the same photograph already. */
  copy = $state.raw<Pin | null>(null);
  title = $state("");
  alt = $state("");
  /** The header under which its pin is saved: once, however often that is tried. */
  readonly key = once();
  /** Fulfilled when it is ready or has failed. */
  settled: Promise<void> = Promise.resolve();
  #request: XMLHttpRequest | null = null;
  #dropped = false;

  constructor(file: File) {
    this.file = file;
    this.preview = URL.createObjectURL(file);
  }

  start(): void {
    this.settled = this.#attempt();
  }

  async #attempt(): Promise<void> {
    this.problem = null;
    this.progress = 0;
    this.state = "waiting";
    await gate.enter();
    try {
      if (!this.#dropped) await this.#run();
    } catch (thrown) {
      this.problem = asProblem(thrown);
      this.state = "failed";
    } finally {
      gate.leave();
    }
  }

  async #run(): Promise<void> {
    const mime = mimeOf(this.file);
    if (!mime) throw new Problem("refused", "Only JPEG, PNG, GIF and WebP photos can be saved.", 415);
    this.state = "sending";
    const target = await must(api.POST("/v1/uploads", { body: { mime, length: this.file.size } }));
    await this.#send(target);
    this.state = "checking";
    this.uploaded = await must(
      api.POST("/v1/uploads/{upload}/complete", { params: { path: { upload: target.id } } }),
    );
    this.state = "ready";
    void this.#compare(target.id);
  }

  async #compare(upload: string): Promise<void> {
    const [copy] = await copiesOfUpload(upload);
    if (!this.#dropped) this.copy = copy ?? null;
  }

  #send(target: Target): Promise<void> {
    return new Promise((done, failed) => {
      const request = new XMLHttpRequest();
      this.#request = request;
      request.open(target.method, target.url);
      for (const [name, value] of headersOf(target)) request.setRequestHeader(name, value);
      request.upload.onprogress = (event) => {
        if (event.lengthComputable) this.progress = event.loaded / event.total;
      };
      request.onload = () => {
        if (request.status < 300) done();
        else failed(problemOf(bodyOf(request), request.status, request.getResponseHeader("retry-after")));
      };
      request.onerror = () => failed(new TypeError("the photo could not be sent"));
      request.onabort = () => failed(new Problem("aborted", "Stopped."));
      request.send(this.file);
    });
  }

  /** Stops sending, and lets the photo go. */
  dispose(): void {
    this.#dropped = true;
    this.#request?.abort();
    URL.revokeObjectURL(this.preview);
  }
}
