/** A search for good parameters: followed while agents work on it, narrowed, and to its end. */
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { Locator, Page } from "@playwright/test";
import { expect, lookOptions, type Site, settled, test } from "./fixtures.ts";
import { beginSearch, SITE_DIRECTORY, startAgent } from "./site.ts";

test.use(lookOptions({ width: 1440, theme: "light", language: "en" }));
const PICTURES = process.env["TRACKLAB_SCREENSHOTS"];

const exitOf = (agent: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => agent.once("exit", resolve));

const stat = (page: Page, name: string) => page.locator("dl > div").filter({ hasText: name });
const trials = (page: Page) => page.getByRole("grid", { name: "Trials" });
const best = (page: Page) => trials(page).getByRole("row").filter({ hasText: "Best" });

type Tried = { readonly [parameter: string]: unknown };

/** The parameters of each trial of a project's newest sweep. */
async function triedIn(site: Site, project: string): Promise<readonly Tried[]> {
  const ask = async (path: string) => (await fetch(`${site.url}/api/sweeps${path}`)).json();
  const { sweeps } = (await ask(`?project=${project}`)) as { sweeps: { sweep: string }[] };
  const { trials } = (await ask(`/${sweeps[0]?.sweep}`)) as { trials: { parameters: Tried }[] };
  return trials.map(({ parameters }) => parameters);
}

/** Drag one thumb of an axis this share of the way to the other one. */
async function drag(page: Page, thumb: Locator, other: Locator, share: number): Promise<void> {
  const [from, upTo] = [await thumb.boundingBox(), await other.boundingBox()];
  if (!from || !upTo) throw new Error("the axis is not drawn");
  const [x, y] = [from.x + from.width / 2, from.y + from.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x, y + (upTo.y - from.y) * share, { steps: 4 });
  await page.mouse.up();
}

async function picture(page: Page, name: string): Promise<void> {
  await settled(page);
  if (PICTURES) await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
}

test("a sweep is followed while agents work on it", async ({ guarded: page, site }) => {
  const directory = process.env[SITE_DIRECTORY] ?? "";
  const sweep = beginSearch(directory, "hunt");
  await page.goto(`${site.url}/p/hunt/sweeps`);
  await expect(page.getByText(`tracklab agent ${sweep}`)).toBeVisible();
  const agents = [startAgent(directory, sweep, 6), startAgent(directory, sweep, 5)];
  expect(await Promise.all(agents.map(exitOf))).toEqual([0, 0]);
  const last = startAgent(directory, sweep, 1, "hold");
  try {
    await expect(trials(page).getByRole("row")).toHaveCount(13);
    await expect(stat(page, "Failed")).toHaveText("Failed3");
    await expect(stat(page, "Running")).toHaveText("Running1");
    await expect(best(page).getByRole("gridcell").first()).toHaveText("10");
    const chart = page.getByRole("img", { name: /^val\/loss of 12 trials .* 0\.4475, trial 10$/u });
    await expect(chart).toBeVisible();
    await picture(page, "sweep-running");
  } finally {
    last.stdin.end();
  }
  await expect(best(page).getByRole("gridcell").first()).toHaveText("11");
  await expect(stat(page, "Running")).toHaveText("Running0");
  await expect(page.getByRole("grid", { name: "Sweeps" })).toContainText("finished");
  await best(page).getByRole("link").click();
  await expect(page).toHaveURL(/\/p\/hunt\/r\/.+\/overview$/u);
});

test("a brush keeps some trials, by mouse and by keyboard", async ({ guarded: page, site }) => {
  await page.goto(`${site.url}/p/search/sweeps`);
  const kept = page.getByRole("status").filter({ hasText: "trials kept" });
  const low = page.getByRole("slider", { name: "val/loss: from" });
  const high = page.getByRole("slider", { name: "val/loss: up to" });
  await drag(page, low, high, 0.3);
  await expect(kept).toBeVisible();
  await expect(page).toHaveURL(/brush=val\/loss:[\d.]+~[\d.]+/u);
  const rows = await trials(page).getAttribute("aria-rowcount");
  await expect(kept).toHaveText(`${Number(rows) - 1} of 30 trials kept`);
  await picture(page, "sweep-brushed");
  await high.press("Escape");
  await expect(kept).toBeHidden();
  const layers = page.getByRole("slider", { name: "model.layers: from" });
  await layers.press("ArrowUp");
  await expect(layers).toHaveAttribute("aria-valuetext", "4, 8");
  await drag(page, page.getByRole("slider", { name: "model.layers: up to" }), layers, 0.6);
  await expect(layers).toHaveAttribute("aria-valuetext", "4");
  await layers.press("Escape");
  await layers.press("ArrowUp");
  const deep = (await triedIn(site, "search")).filter((tried) => tried["model.layers"] !== 2);
  await expect(trials(page)).toHaveAttribute("aria-rowcount", `${deep.length + 1}`);
  await trials(page).getByRole("button", { name: "lr" }).click();
  const header = trials(page).getByRole("columnheader", { name: "lr" });
  await expect(header).toHaveAttribute("aria-sort", "descending");
  await page.getByRole("button", { name: "Keep all" }).click();
  await expect(trials(page)).toHaveAttribute("aria-rowcount", "31");
});
