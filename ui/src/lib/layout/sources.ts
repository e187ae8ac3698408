/** Which of a picture's renditions a browser may take, by how wide it stands and how dense the screen is. */
import type { Picture } from "../api/client.ts";

const WIDTHS = ["236", "474", "736"] as const;

/**
 * Returns what `src` and `srcset` of an img are for a picture that stands `wide` CSS pixels wide; `whole` lets it be
 * as large as it is. By density, not by width: Chromium never lets go of a removed img that it may choose anew for
 * another window.
 */
export function sourcesOf(
  picture: Picture,
  wide: number,
  whole: boolean,
): { src: string; srcset: string | undefined } {
  const smaller = WIDTHS.filter((width) => Number(width) < picture.width);
  const sources = smaller.map((width) => ({ address: picture.src[width], width: Number(width) }));
  if (whole || smaller.length < WIDTHS.length) {
    sources.push({ address: picture.src.full, width: picture.width });
  }
  const enough = sources.findIndex(({ width }) => width >= wide);
  // Where none is wide enough, that is -1: the last, which is the largest.
  const fitting = sources.slice(enough);
  const larger = fitting.slice(1).map(({ address, width }) => `${address} ${(width / wide).toFixed(2)}x`);
  const src = fitting[0]?.address ?? picture.src.full;
  return { src, srcset: larger.length > 0 ? [`${src} 1x`, ...larger].join(", ") : undefined };
}
