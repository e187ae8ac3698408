import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";
import { compress } from "./build/compress.ts";
import { fake } from "./dev/fake.ts";

const ASSETS = "../src/bowerbird/edge/web/assets";

export default defineConfig(({ mode }) => ({
  plugins: [svelte(), compress(ASSETS), ...(mode === "fake" ? [fake()] : [])],
  build: {
    outDir: ASSETS,
    emptyOutDir: true,
    // The content security policy allows neither inlined fonts nor a script in the page.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2023",
    // As old as light-dark() is: it must come through whole, or a part of a page could not have the other theme.
    cssTarget: ["chrome123", "firefox121", "safari17.5"],
    reportCompressedSize: true,
  },
  server: {
    // Bowerbird itself, as `make run` starts it.
    proxy:
      mode === "fake"
        ? {}
        : {
            "^/(v1|media|blobs|openapi.json|docs)(/|$)": process.env["BOWERBIRD"] ?? "http://127.0.0.1:8000",
          },
  },
  test: { include: ["src/**/*.test.ts"] },
}));
