/** Every page, in both themes, both languages and three widths: drawn, quiet, accessible. */
import AxeBuilder from "@axe-core/playwright";
import { expect, guard, type Look, lookOptions, runsOf, type Site, test } from "./fixtures.ts";

const LOOKS: readonly Look[] = [
  { width: 1440, theme: "light", language: "en" },
  { width: 1440, theme: "dark", language: "zh" },
  { width: 720, theme: "dark", language: "en" },
  { width: 360, theme: "light", language: "zh" },
];

const RUN = "/p/llm-sft/r/RUN";

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
  ["run-media", `${RUN}/media`, "canvas"],
  ["run-system", `${RUN}/system`, ".uplot canvas"],
  ["run-logs", `${RUN}/logs`, "[role=log]"],
  ["run-events", `${RUN}/events`, "[role=grid]"],
  ["run-llm-empty", `${RUN}/llm`, "pre"],
  ["run-checkpoints", `${RUN}/checkpoints`, "[role=grid]"],
  ["system", "/system", ".uplot canvas"],
  ["settings", "/settings", "[role=radiogroup]"],
  ["missing-run", "/p/llm-sft/r/nosuchrun/overview", "[role=alert]"],
];

async function addressOf(site: Site, path: string): Promise<string> {
  const failed = (await runsOf(site, "llm-sft")).find(({ status }) => status === "failed");
  return site.url + path.replace("RUN", failed?.run_id ?? "");
}

for (const look of LOOKS) {
  for (const [name, path, sign] of PAGES) {
    test(`${name} at ${look.width} px, ${look.theme}, ${look.language}`, async ({
      browser,
      site,
    }, info) => {
      const context = await browser.newContext(lookOptions(look));
      const page = await context.newPage();
      // The browser itself reports the 404 that this page is about.
      const check = name === "missing-run" ? () => undefined : guard(page, site);
      await page.goto(await addressOf(site, path));
      await page.locator(sign).first().waitFor();
      await page.waitForTimeout(250);
      await page.screenshot({
        path: info.outputPath(`${name}-${look.width}-${look.theme}-${look.language}.png`),
      });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(wide, "the page scrolls sideways").toBeLessThanOrEqual(0);
      if (look.width === 1440) {
        const { violations } = await new AxeBuilder({ page }).analyze();
        const serious = violations.filter(
          ({ impact }) => impact === "serious" || impact === "critical",
        );
        expect(
          serious.map(
            ({ id, nodes }) =>
              `${id}: ${nodes
                .map(({ html }) => html)
                .slice(0, 3)
                .join(" ")}`,
          ),
        ).toEqual([]);
      }
      check();
      await context.close();
    });
  }
}
