/** Writes a .gz and a .br beside every text asset that gains by it, so that the server compresses nothing. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const TEXT = new Set([".css", ".html", ".js", ".svg", ".webmanifest"]);
const LENGTH_MIN_BYTES = 512;

async function compressFile(path: string): Promise<void> {
  const bytes = await readFile(path);
  if (bytes.length < LENGTH_MIN_BYTES) return;
  const brotli = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  await Promise.all([
    writeFile(`${path}.gz`, gzipSync(bytes, { level: 9 })),
    writeFile(`${path}.br`, brotli),
  ]);
}

export function compress(folder: string): Plugin {
  return {
    name: "compress",
    apply: "build",
    async closeBundle() {
      const files = await readdir(folder, { recursive: true });
      const texts = files.filter((file) => TEXT.has(extname(file)));
      await Promise.all(texts.map((file) => compressFile(join(folder, file))));
    },
  };
}
