import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, type Plugin } from "vite";
import lock from "./package-lock.json" with { type: "json" };

// The licences of all packages that may be part of a built file, in full: they ask to stand beside
// every copy. A package without one fails the build.
function licences(): Plugin {
  return {
    name: "licences",
    generateBundle() {
      const packages = Object.entries(lock.packages as Record<string, { dev?: boolean; optional?: boolean; version?: string; license?: string }>)
        .filter(([path, one]) => path !== "" && !one.dev && !one.optional && !path.includes("/@types/"));
      const texts = packages.map(([path, one]) => {
        const folder = join(import.meta.dirname, path);
        const file = readdirSync(folder).find((name) => /^(licen[sc]e|copying)/i.test(name)) ?? ELSEWHERE[path];
        const named = `${path.replace(/^.*node_modules\//, "")} ${one.version}, ${one.license}`;
        if (file === undefined) this.error(`${named}: no licence file in ${folder}`);
        return `${"=".repeat(80)}\n${named}\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
      });
      this.emitFile({ type: "asset", name: "licences.txt", source: texts.join("\n") });
    },
  };
}
// Packages whose licence stands in another file.
const ELSEWHERE: Record<string, string> = { "node_modules/murmurhash-js": "README.md" };

// The map is asked for by the page once it knows who looks; its file is read from the first moment on.
function mapAhead(): Plugin {
  return {
    name: "map-ahead",
    transformIndexHtml: {
      order: "post",
      handler: (_, { bundle }) => Object.keys(bundle ?? {}).filter((name) => /^assets\/view-.*\.js$/.test(name)).map((name) => ({
        tag: "link", attrs: { rel: "modulepreload", href: `/${name}`, crossorigin: true }, injectTo: "head" as const,
      })),
    },
  };
}

// The page goes where the node serves it from; every file but the page itself is named by its
// content, so that it may be kept for good. No file is written into another one as a data: address:
// the policy of the page allows none.
export default defineConfig({
  plugins: [licences(), mapAhead()],
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
