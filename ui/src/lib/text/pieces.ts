/** Texts in pieces, those marked that were searched for. */
import type { Piece } from "../api/client.ts";

/** Returns a text in the pieces it was found in; whole, where it has become another since. */
export function piecesOf(text: string, pieces: readonly Piece[] = []): readonly Piece[] {
  return pieces.map((piece) => piece.text).join("") === text ? pieces : [{ text, hit: false }];
}

/** What a pin is called, in pieces, and what else of its texts has the words. */
export interface FoundWords {
  title: readonly Piece[];
  excerpt: readonly Piece[];
}

/** Returns what stands under a tile to show why it was found: nothing, where its title does. */
export function excerptOf({ title, excerpt }: FoundWords): readonly Piece[] {
  return title.some((piece) => piece.hit) ? [] : excerpt;
}
