/** A photo to search with, made small in the browser: nothing of the file but its pixels leaves it. */
import { Problem } from "../api/problem.ts";

/** As large as the server's eyes make use of. */
const SIDE_MAX = 1024;
export const MIME = "image/jpeg";
const QUALITY = 0.88;

export interface Photo {
  blob: Blob;
  width: number;
  height: number;
}

/** Returns the size at which a picture's longer side is at most `most`, of the same proportion, never larger. */
export function fitted(width: number, height: number, most = SIDE_MAX): { width: number; height: number } {
  const scale = Math.min(1, most / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

async function decode(file: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file);
  } catch {
    throw new Problem("refused", "This file cannot be shown as a picture here.", 415);
  }
}

/** Returns a photo as a small JPEG: its pixels alone, without where and when it was taken. Throws a `Problem`. */
export async function shrink(file: Blob): Promise<Photo> {
  const bitmap = await decode(file);
  const { width, height } = fitted(bitmap.width, bitmap.height);
  const canvas = new OffscreenCanvas(width, height);
  const paint = canvas.getContext("2d");
  if (!paint) throw new Problem("internal", "This browser cannot make the picture smaller.");
  paint.imageSmoothingQuality = "high";
  // What is transparent becomes black in a JPEG, and black is like other things.
  paint.fillStyle = "#fff";
  paint.fillRect(0, 0, width, height);
  paint.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return { blob: await canvas.convertToBlob({ type: MIME, quality: QUALITY }), width, height };
}
