/** Every page, in both themes, both languages and three widths: drawn, quiet, accessible. */
import { join } from "node:path";
import type { Page } from "@playwright/test";
import axe from "axe-core";
import {
  expect,
  guard,
  type Look,
  lookOptions,
  runsOf,
  type Site,
  settled,
  test,
  viewport,
} from "./fixtures.ts";

test.describe.configure({ mode: "parallel" });

const MANNERS: readonly Pick<Look, "theme" | "language">[] = [
  { theme: "light", language: "en" },
  { theme: "dark", language: "zh" },
];
const [WIDE, ...NARROW] = [1440, 720, 360] as const;
/** Where pictures of all pages go; without it none are taken. */
const PICTURES = process.env["TRACKLAB_SCREENSHOTS"];

const RUN = "/p/llm-sft/r/RUN";
const GALLERY = "/p/gallery/r/media001";

/** Name, address, and something that is there once the page is. */
const PAGES: readonly (readonly [string, string, string])[] = [
  ["dashboard", "/", "[role=grid]"],
  ["runs", "/p/llm-sft", ".uplot canvas"],
  ["runs-nested-project", "/p/vision%2Fcifar", ".uplot canvas"],
  ["compare", "/p/llm-sft/compare", "table"],
  ["project-llm", "/p/rag-service/llm", "[role=grid]"],
  ["project-checkpoints", "/p/llm-sft/checkpoints", "[role=grid]"],
  ["run-overview", `${RUN}/overview`, "dl"],
  ["run-charts", `${RUN}/charts`, ".uplot canvas"],
  ["run-media", `${RUN}/media`, "input[type=range]"],
  ["run-system", `${RUN}/system`, ".uplot canvas"],
  ["run-logs", `${RUN}/logs`, "[role=log]"],
  ["run-events", `${RUN}/events`, "[role=grid]"],
  ["run-llm-empty", `${RUN}/llm`, "pre"],
  ["run-files", `${RUN}/files`, "[role=grid]"],
  ["run-checkpoints", `${RUN}/checkpoints`, "[role=grid]"],
  ["run-logs-search", `${RUN}/logs?whole=1&find=epoch`, "[role=grid] mark"],
  ["media-charts", `${GALLERY}/media?find=chart`, "[class*=vega] canvas"],
  ["media-pictures", `${GALLERY}/media?find=val&step=200`, "figure img"],
  ["media-samples", `${GALLERY}/media?find=sample|report|weights`, "iframe"],
  [
    "media-table-full",
    `${GALLERY}/media?find=val&full=val/predictions&sort=-2`,
    "dialog [role=row] img",
  ],
  ["media-figures", `${GALLERY}/media?find=figure/`, "iframe"],
  ["media-nested", `${GALLERY}/media?find=nested/`, "[role=grid]"],
  ["media-trace-full", `${GALLERY}/media?find=nested&full=nested/trace`, "dialog summary"],
  ["media-picture-full", `${GALLERY}/media?find=val&full=val/segmentation`, "dialog figure img"],
  ["artifacts", "/p/gallery/artifacts", "section li a"],
  ["sweeps", "/p/search/sweeps", "section canvas"],
  ["sweeps-empty", "/p/gallery/sweeps", "pre"],
  ["run-artifacts", "/p/gallery/r/train000/artifacts", "[role=grid]"],
  ["system", "/system?measure=power", "[data-card]"],
  ["settings", "/settings", "[role=radiogroup]"],
];

async function addressOf(site: Site, path: string): Promise<string> {
  const failed = (await runsOf(site, "llm-sft")).find(({ status }) => status === "failed");
  return site.url + path.replace("RUN", failed?.run_id ?? "");
}

/**
 * What makes a page hard to use for those who do not see it or do not point at it. Called in the
 * page itself: the ready-made caller opens another page for each answer, which takes seconds.
 */
async function hurdles(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const judge = (window as unknown as { axe: typeof axe }).axe;
    const found = await judge.run(document, { iframes: false, resultTypes: ["violations"] });
    return found.violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html)}`);
  });
}

/** How many pixels a page, or what it shows below its bar, is wider than its window. */
const overhang = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const parts = [document.documentElement, document.querySelector("main")];
    return Math.max(...parts.map((part) => (part ? part.scrollWidth - part.clientWidth : 0)));
  });

async function picture(page: Page, name: string, theme: Look["theme"]): Promise<void> {
  if (!PICTURES) return;
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await settled(page);
    const width = page.viewportSize()?.width;
    await page.screenshot({ path: join(PICTURES, `${width}-${colorScheme}`, `${name}.png`) });
  }
  await page.emulateMedia({ colorScheme: theme });
}

for (const { theme, language } of MANNERS) {
  test(`all pages, ${theme}, ${language}`, async ({ browser, site }) => {
    test.setTimeout(480_000);
    const context = await browser.newContext(lookOptions({ width: WIDE, theme, language }));
    const page = await context.newPage();
    const check = guard(page, site);
    for (const [name, path, sign] of PAGES) {
      await test.step(name, async () => {
        await page.setViewportSize(viewport(WIDE));
        await page.goto(await addressOf(site, path));
        for (const width of [WIDE, ...NARROW]) {
          await page.setViewportSize(viewport(width));
          await page.locator(sign).first().waitFor();
          await settled(page);
          expect.soft(await overhang(page), `${name} at ${width} px`).toBeLessThanOrEqual(0);
          if (width === WIDE) expect.soft(await hurdles(page), name).toEqual([]);
          await picture(page, `${name}-${language}`, theme);
        }
      });
    }
    check();
    await context.close();
  });
}

test("a run that is not there says so", async ({ page, site }) => {
  await page.goto(`${site.url}/p/llm-sft/r/nosuchrun/overview`);
  await expect(page.getByRole("alert")).toContainText(/nosuchrun/u);
});
