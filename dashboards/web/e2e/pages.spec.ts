/** Every page, in both themes, both languages and three widths: drawn, quiet, accessible. */
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, guard, type Look, lookOptions, runsOf, type Site, test } from "./fixtures.ts";

const LOOKS: readonly Look[] = [
  { width: 1440, theme: "light", language: "en" },
  { width: 1440, theme: "dark", language: "zh" },
  { width: 720, theme: "dark", language: "en" },
  { width: 360, theme: "light", language: "zh" },
];

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
  ["media-table-full", `${GALLERY}/media?full=val/predictions&sort=-2`, "dialog [role=row] img"],
  ["media-picture-full", `${GALLERY}/media?full=val/segmentation`, "dialog figure img"],
  ["artifacts", "/p/gallery/artifacts", "section li a"],
  ["run-artifacts", "/p/gallery/r/train000/artifacts", "[role=grid]"],
  ["system", "/system", ".uplot canvas"],
  ["settings", "/settings", "[role=radiogroup]"],
];

async function addressOf(site: Site, path: string): Promise<string> {
  const failed = (await runsOf(site, "llm-sft")).find(({ status }) => status === "failed");
  return site.url + path.replace("RUN", failed?.run_id ?? "");
}

/** What makes a page hard to use for those who do not see it or do not point at it. */
async function hurdles(page: Page): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .map(({ html }) => html)
          .slice(0, 3)
          .join(" ")}`,
    );
}

for (const look of LOOKS) {
  const manner = `${look.width} px, ${look.theme}, ${look.language}`;
  test(`all pages at ${manner}`, async ({ browser, site }, info) => {
    test.setTimeout(480_000);
    const context = await browser.newContext(lookOptions(look));
    const page = await context.newPage();
    const check = guard(page, site);
    for (const [name, path, sign] of PAGES) {
      await test.step(name, async () => {
        await page.goto(await addressOf(site, path));
        await page.locator(sign).first().waitFor();
        await page.waitForTimeout(200);
        await page.screenshot({ path: info.outputPath(`${name}.png`) });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect.soft(wide, `${name} scrolls sideways`).toBeLessThanOrEqual(0);
        if (look.width === 1440) expect.soft(await hurdles(page), name).toEqual([]);
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
