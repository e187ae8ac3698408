import { describe, expect, it } from "vitest";
import type { Picture } from "../api/client.ts";
import { sourcesOf } from "./sources.ts";

const picture = (width: number): Picture => ({
  width,
  height: width,
  color: "",
  thumbhash: "",
  alt: "",
  src: { "236": "/s", "474": "/m", "736": "/l", full: "/f" },
});

describe("sourcesOf", () => {
  it("gives a tile the rendition of its column, and larger ones to denser screens", () => {
    expect(sourcesOf(picture(2000), 236, false)).toEqual({ src: "/s", srcset: "/s 1x, /m 2.01x, /l 3.12x" });
  });

  it("shows the whole picture where it stands large", () => {
    expect(sourcesOf(picture(2000), 800, true)).toEqual({ src: "/f", srcset: undefined });
    expect(sourcesOf(picture(2000), 400, true).srcset).toBe("/m 1x, /l 1.84x, /f 5.00x");
  });

  it("never names a rendition that is larger than the picture", () => {
    expect(sourcesOf(picture(300), 236, false)).toEqual({ src: "/s", srcset: "/s 1x, /f 1.27x" });
    expect(sourcesOf(picture(24), 236, false)).toEqual({ src: "/f", srcset: undefined });
  });
});
