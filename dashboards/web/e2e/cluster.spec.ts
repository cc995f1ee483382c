/** The machines on which runs are written: told live, with what their GPUs do, until they end. */
import { join } from "node:path";
import { expect, guard, lookOptions, settled, test } from "./fixtures.ts";
import { SITE_DIRECTORY, startCluster } from "./site.ts";

const DESK = lookOptions({ width: 1440, theme: "light", language: "en" });
const PICTURES = process.env["TRACKLAB_SCREENSHOTS"];
test.use(DESK);

const LAST =
  /^GPU 7: Load \d+%, Memory 90% · 77\.3 GB of 85\.9 GB, Temperature \d+°, Power \d+ W of 700 W; /u;

test("each machine tells its runs, its levels and every GPU, by keyboard too", async ({
  guarded: page,
  site,
}) => {
  await page.goto(`${site.url}/system`);
  const row = (name: string) =>
    page.getByRole("listitem").filter({ has: page.getByRole("heading", { name, exact: true }) });
  await expect(row("gpu-01")).toContainText("up");
  await expect(row("gpu-03")).toContainText(/silent, last heard \d+ min\. ago/u);
  const cells = row("gpu-01").getByRole("list", { name: "Accelerators of gpu-01" });
  await expect(cells.getByRole("button")).toHaveCount(8);
  await expect(row("gpu-01").getByRole("img", { name: /^CPU: [\d.]+% to [\d.]+%/u })).toBeVisible();
  const [first, second] = [cells.getByRole("button").first(), cells.getByRole("button").nth(1)];
  await expect(first).toHaveAccessibleName(/; Load: \d+% to \d+% in 15 minutes$/u);
  const before = await first.innerText();
  await expect(first).not.toHaveText(before);
  await page.getByRole("radio", { name: "Power" }).click();
  await expect(page).toHaveURL(/measure=power/u);
  await expect(first).toHaveAccessibleName(/; Power: \d+ W to \d+ W in 15 minutes$/u);
  await first.focus();
  await page.keyboard.press("ArrowRight");
  await expect(second).toBeFocused();
  await expect(page.getByText("gpu-01 · GPU 1")).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("End");
  await expect(page.getByText("gpu-02 · GPU 7")).toBeVisible();
  await expect(page.locator("button:focus")).toHaveAccessibleName(LAST);
  await page.keyboard.press("Escape");
  await expect(page.getByText("gpu-02 · GPU 7")).toBeHidden();
  await row("gpu-01").getByRole("link", { name: "Living runs of fabric on gpu-01" }).click();
  await expect(page).toHaveURL(/\/p\/fabric\?q=host/u);
  await expect(page.getByText("1 of 3 runs")).toBeVisible();
});

test("a machine comes and goes while the page is open", async ({ guarded: page, site }) => {
  const directory = process.env[SITE_DIRECTORY] ?? "";
  await page.goto(`${site.url}/system`);
  await expect(page.getByRole("heading", { name: "gpu-02" })).toBeVisible();
  const job = startCluster(directory, "passing", ["guest-01=2"]);
  try {
    const guest = page.getByRole("list", { name: "Accelerators of guest-01" });
    await expect(guest.getByRole("button")).toHaveCount(2);
  } finally {
    job.kill();
  }
  await expect(page.getByRole("heading", { name: "guest-01" })).toHaveCount(0);
  await expect(page.getByRole("heading", { name: "gpu-02" })).toBeVisible();
});

test("a language and a ground of one's own", async ({ browser, site }) => {
  const look = lookOptions({ width: 1440, theme: "dark", language: "zh" });
  const context = await browser.newContext(look);
  const page = await context.newPage();
  const check = guard(page, site);
  await page.goto(`${site.url}/system?measure=temperature`);
  await expect(page.getByRole("heading", { name: "机器" })).toBeVisible();
  await expect(page.getByText(/失联，最后消息：\d+分钟前/u)).toBeVisible();
  const cell = page.getByRole("button", { name: /^GPU 2: 负载/u }).first();
  await cell.hover();
  await expect(page.getByText("gpu-01 · GPU 2")).toBeVisible();
  await settled(page);
  if (PICTURES) await page.screenshot({ path: join(PICTURES, "machines-zh-dark.png") });
  check();
  await context.close();
});
