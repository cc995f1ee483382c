/**
 * What every journey stands on: the site that all of them share, and a page that fails the test
 * on any console error, policy violation or request to another host.
 */
import { type BrowserContextOptions, test as base, expect, type Page } from "@playwright/test";
import { SITE_URL } from "./site.ts";

export type Site = { readonly url: string };

type Run = { readonly run_id: string; readonly name: string; readonly status: string };

export type Look = {
  readonly width: number;
  readonly theme: "light" | "dark";
  readonly language: "en" | "zh";
};

export async function runsOf(site: Site, project: string): Promise<readonly Run[]> {
  const reply = await fetch(`${site.url}/api/runs?project=${project}&limit=100`);
  return ((await reply.json()) as { runs: readonly Run[] }).runs;
}

export const viewport = (width: number): { readonly width: number; readonly height: number } => ({
  width,
  height: width === 360 ? 780 : 900,
});

export function lookOptions({ width, theme, language }: Look): BrowserContextOptions {
  return {
    viewport: viewport(width),
    colorScheme: theme,
    locale: language === "zh" ? "zh-CN" : "en-US",
    reducedMotion: "reduce",
  };
}

/** Wait until nothing is loading any more, and what came has been laid out. */
export async function settled(page: Page): Promise<void> {
  await expect(page.getByRole("progressbar")).toHaveCount(0);
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
}

/** Collect what must never happen; `check` fails when any of it did. */
export function guard(page: Page, site: Site): () => void {
  const faults: string[] = [];
  page.on("console", (message) => {
    // A policy violation arrives here as an error as well.
    if (message.type() === "error") faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`exception: ${error.message}`));
  page.on("request", (request) => {
    const url = new URL(request.url());
    const local = ["blob:", "data:"].includes(url.protocol);
    if (!local && url.origin !== site.url) faults.push(`off-origin request: ${request.url()}`);
  });
  return () => expect(faults).toEqual([]);
}

export const test = base.extend<{ guarded: Page }, { site: Site }>({
  site: [
    // biome-ignore lint/correctness/noEmptyPattern: the test runner reads which fixtures this one needs
    async ({}, use) => {
      const url = process.env[SITE_URL];
      if (!url) throw new Error("no site: playwright.config.ts names the setup that opens it");
      await use({ url });
    },
    { scope: "worker" },
  ],
  guarded: async ({ page, site }, use) => {
    const check = guard(page, site);
    await use(page);
    check();
  },
});

export { expect };
