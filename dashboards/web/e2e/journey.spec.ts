/** What a person does all day: look, compare, zoom, filter, follow a living run, share a link. */
import { expect, lookOptions, runsOf, settled, test } from "./fixtures.ts";

const DESK = lookOptions({ width: 1440, theme: "light", language: "en" });
test.use(DESK);

test("a living run draws new points without a reload", async ({ guarded: page, site }) => {
  await page.goto(`${site.url}/p/llm-sft/r/liverun1/charts`);
  const chart = page.getByRole("figure", { name: "train/loss" });
  await chart.locator("canvas").first().waitFor();
  const before = await chart.getAttribute("aria-label");
  await expect.poll(() => chart.getAttribute("aria-label")).not.toBe(before);
  await expect(page.getByText("live", { exact: true }).first()).toBeVisible();
});

test("a filter narrows the table, stays in the address, and marks its mistakes", async ({
  guarded: page,
  site,
}) => {
  await page.goto(`${site.url}/p/llm-sft`);
  const filter = page.getByRole("textbox", { name: /^Filter/u });
  await page.locator("[role=row]").nth(3).waitFor();
  await page.keyboard.press("/");
  await expect(filter).toBeFocused();
  await filter.fill("status:failed or status:crashed");
  await expect(page.getByText("2 of 13 runs")).toBeVisible();
  await expect(page).toHaveURL(/q=status:failed\+or\+status:crashed/u);
  await filter.fill("status:");
  await expect(page.getByText(/^Character 8/u)).toBeVisible();
});

test("a link in a fresh browser shows the same view", async ({ browser, guarded: page, site }) => {
  await page.goto(`${site.url}/p/llm-sft`);
  await page.locator(".uplot canvas").first().waitFor();
  await page.getByRole("radio", { name: "Relative" }).click();
  await page.keyboard.press("l");
  await page.keyboard.press("s");
  await page.getByRole("button", { name: "val/loss" }).click();
  await expect(page).toHaveURL(/x=relative/u);
  await expect(page).toHaveURL(/smooth=ema:0.6/u);
  const fresh = await (await browser.newContext(DESK)).newPage();
  await fresh.goto(page.url());
  await expect(fresh.getByRole("radio", { name: "Relative" })).toHaveAttribute(
    "aria-checked",
    "true",
  );
  await expect(fresh.getByRole("button", { name: "log y" })).toHaveAttribute(
    "aria-pressed",
    "true",
  );
  await expect(fresh.getByRole("combobox")).toHaveValue("ema");
  await expect(fresh.getByRole("columnheader", { name: /val\/loss/u })).toHaveAttribute(
    "aria-sort",
    "descending",
  );
  await fresh.context().close();
});

test("a drag zooms all charts and a double click shows everything again", async ({
  guarded: page,
  site,
}) => {
  await page.goto(`${site.url}/p/llm-sft`);
  const surface = page.locator(".u-over").first();
  await surface.waitFor();
  const box = await surface.boundingBox();
  if (!box) throw new Error("the chart has no place");
  const middle = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * 0.3, middle);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, middle, { steps: 4 });
  await page.mouse.up();
  await expect(page).toHaveURL(/zoom=/u);
  await expect(page.getByRole("button", { name: "Show all" })).toBeVisible();
  await surface.dblclick();
  await expect(page).not.toHaveURL(/zoom=/u);
});

test("rows are chosen, compared and opened by keyboard alone", async ({ guarded: page, site }) => {
  await page.goto(`${site.url}/p/llm-sft`);
  await page.locator("[role=row]").nth(4).waitFor();
  for (const key of ["j", "j", "x", "j", "x"]) await page.keyboard.press(key);
  await expect(page.getByText("2 of 13 selected")).toBeVisible();
  await page.getByRole("button", { name: "Compare", exact: true }).click();
  await expect(page).toHaveURL(/compare\?runs=/u);
  await expect(page.getByRole("rowheader", { name: "optimizer.lr" })).toBeVisible();
  await page.goBack();
  await page.locator("[role=row]").nth(4).waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/r\/[^/]+\/charts/u);
});

test("a run moved to the trash comes back with undo", async ({ guarded: page, site }) => {
  await page.goto(`${site.url}/p/vision%2Fcifar`);
  await expect(page.getByText("5 runs")).toBeVisible();
  // A question about a run that goes while it is being answered is refused, which is right.
  await page.waitForLoadState("networkidle");
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  await page.getByRole("button", { name: /^Move/u }).click();
  await expect(page.getByText("4 runs")).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("5 runs")).toBeVisible();
});

test("a run is renamed where its name stands", async ({ guarded: page, site }) => {
  const [run] = await runsOf(site, "vision/cifar");
  await page.goto(`${site.url}/p/vision%2Fcifar/r/${run?.run_id}/overview`);
  const name = page.getByRole("textbox", { name: "Rename" });
  await name.fill("renamed-by-hand");
  await name.press("Enter");
  await expect
    .poll(async () =>
      (await runsOf(site, "vision/cifar")).some((one) => one.name === "renamed-by-hand"),
    )
    .toBe(true);
});

test("the palette finds a run by a few letters", async ({ guarded: page, site }) => {
  await page.goto(site.url);
  await page.getByRole("grid").first().waitFor();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("livlark");
  await expect(page.getByRole("option").first()).toContainText("live-lark-99");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/liverun1\/overview/u);
});

test("the log folds progress bars, finds text and follows the end", async ({
  guarded: page,
  site,
}) => {
  const failed = (await runsOf(site, "llm-sft")).find(({ status }) => status === "failed");
  await page.goto(`${site.url}/p/llm-sft/r/${failed?.run_id}/logs`);
  const log = page.getByRole("log");
  await expect(log).toContainText("step   1700");
  await page.getByRole("textbox", { name: "Find in the log" }).fill("evaluating");
  await expect(page.getByText(/^\d+ of \d+$/u)).toBeVisible();
  await page.getByRole("button", { name: "Next hit" }).click();
  await expect(log.locator("[data-current=true]")).toContainText("evaluating 100%");
  await page.getByRole("radio", { name: "stderr" }).click();
  await expect(log).toContainText("RuntimeError: CUDA error");
});

test("hostile names and text stay text", async ({ guarded: page, site }) => {
  await page.goto(`${site.url}/p/hostile`);
  await page.locator("[role=row]").nth(1).waitFor();
  const [run] = await runsOf(site, "hostile");
  for (const tab of ["overview", "charts", "media", "logs", "events"]) {
    await page.goto(`${site.url}/p/hostile/r/${run?.run_id}/${tab}`);
    await page.getByRole("navigation", { name: "Parts of this run" }).waitFor();
    await settled(page);
  }
  expect(await page.evaluate(() => "hacked" in window)).toBe(false);
});

test("settings last, and a chosen theme is there from the first paint", async ({
  guarded: page,
  site,
}) => {
  await page.goto(`${site.url}/settings`);
  await page.getByRole("radio", { name: "Dark" }).click();
  await page.getByRole("radio", { name: "中文" }).click();
  await expect(page.getByRole("heading", { name: "设置" })).toBeVisible();
  await page.addInitScript(() => {
    document.addEventListener("DOMContentLoaded", () => {
      const early = document.documentElement.dataset["theme"] ?? "none";
      document.documentElement.dataset["early"] = early;
    });
  });
  await page.reload();
  await page.getByRole("heading", { name: "设置" }).waitFor();
  expect(await page.evaluate(() => document.documentElement.dataset["early"])).toBe("dark");
  await page.goto(`${site.url}/p/llm-sft/checkpoints`);
  await expect(page.getByText(/次运行共 .+，被中断 \d+ 次。/u)).toBeVisible();
  await expect(page.getByText("interruption")).toHaveCount(0);
});

test("when the connection breaks the page says so and catches up", async ({
  guarded: page,
  site,
}) => {
  await page.routeWebSocket(/\/ws$/u, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => socket.send(message));
    socket.onMessage((message) => server.send(message));
    const shut = setTimeout(() => void socket.close(), 1500);
    socket.onClose(() => clearTimeout(shut));
  });
  await page.goto(`${site.url}/p/llm-sft/r/liverun1/charts`);
  const mark = page.getByRole("banner").getByRole("status");
  await expect(mark).toHaveAttribute("data-state", "live");
  await expect(mark).toHaveAttribute("data-state", "offline");
  await expect(mark).toHaveAttribute("data-state", "live");
});
