import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";
import { compress } from "./build/compress.ts";

const ASSETS = "../src/bowerbird/edge/web/assets";
/** Bowerbird itself, as `make run` starts it: `npm run dev` shows the page on top of it. */
const BOWERBIRD = process.env["BOWERBIRD"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [svelte(), compress(ASSETS)],
  build: {
    outDir: ASSETS,
    emptyOutDir: true,
    // The content security policy allows neither inlined fonts nor a script in the page.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // What every visit needs is one file: in pieces it would be a tenth larger.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "first", tags: ["$initial"] }] } } },
    target: "es2023",
    // As old as light-dark() is: it must come through whole, or a part of a page could not have the other theme.
    cssTarget: ["chrome123", "firefox121", "safari17.5"],
  },
  server: { proxy: { "^/(v1|media|blobs|openapi.json|docs)(/|$)": BOWERBIRD } },
  test: { include: ["src/**/*.test.ts"] },
});
