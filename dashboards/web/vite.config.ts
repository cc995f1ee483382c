/** One build: relative paths everywhere, so that the page works under any prefix. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { gzipAssets, preloadFonts, rootedPage } from "./tools/build-plugins.ts";

const SERVER = process.env["TRACKLAB_SERVER"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  base: "./",
  plugins: [react(), preloadFonts(), rootedPage(), gzipAssets()],
  build: {
    outDir: "../../tracklab/server/static",
    emptyOutDir: true,
    target: "es2024",
    // A data: font or image would need a wider content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // What each chunk may weigh is checked by tools/size.ts, compressed.
    chunkSizeWarningLimit: 1000,
  },
  server: {
    proxy: {
      "/api": { target: SERVER },
      "/ws": { target: SERVER, ws: true },
    },
  },
  test: {
    include: ["src/**/*.test.ts", "src/**/*.test.tsx", "tools/**/*.test.ts"],
    environment: "node",
    css: { modules: { classNameStrategy: "non-scoped" } },
    sequence: { shuffle: true },
  },
});
