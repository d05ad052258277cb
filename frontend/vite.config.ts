import { defineConfig } from "vite";

// The page goes where the node serves it from; every file but the page itself is named by its
// content, so that it may be kept for good. No file is written into another one as a data: address:
// the policy of the page allows none.
export default defineConfig({
  root: import.meta.dirname,
  base: "/",
  build: {
    outDir: "../src/stopline/console/page",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: "es2022",
    modulePreload: { polyfill: false },
    cssCodeSplit: false,
    sourcemap: false,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
  },
  worker: { format: "es" },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
});
