/** What the build adds to the bundle: compressed twins of the assets, and early fonts. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const TEXT = /\.(?:js|css|svg|json)$/u;
/** Below this many bytes the gzip header eats the gain. */
const WORTH_BYTES = 1024;

/** Write `name.gz` beside every text asset, so that the server never compresses at run time. */
export function gzipAssets(): Plugin {
  let folder = "";
  return {
    name: "tracklab-gzip",
    apply: "build",
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
    },
    closeBundle() {
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !TEXT.test(entry.name)) continue;
        const path = join(entry.parentPath, entry.name);
        const bytes = readFileSync(path);
        if (bytes.length < WORTH_BYTES) continue;
        writeFileSync(`${path}.gz`, gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }));
      }
    },
  };
}

/** Ask for the two fonts with the page itself: text then paints once, in its final shape. */
export function preloadFonts(): Plugin {
  return {
    name: "tracklab-fonts",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(html, context) {
        const fonts = Object.keys(context.bundle ?? {}).filter((name) => name.endsWith(".woff2"));
        const links = fonts
          .sort()
          .map(
            (name) =>
              `<link rel="preload" as="font" type="font/woff2" crossorigin href="./${name}">`,
          );
        return html.replace("</title>", `</title>\n    ${links.join("\n    ")}`);
      },
    },
  };
}

/**
 * Let the page name its files from the root: a deep link is as many folders away as it likes.
 *
 * Everything after that is relative to the entry script, so a server below a prefix has only
 * this one file to rewrite.
 */
export function rootedPage(): Plugin {
  return {
    name: "tracklab-rooted-page",
    apply: "build",
    enforce: "post",
    transformIndexHtml: { order: "post", handler: (html) => html.replaceAll('="./', '="/') },
  };
}
