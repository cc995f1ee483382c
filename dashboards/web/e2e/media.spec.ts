/** Media, the search through a log, artifacts: what a run left beside its numbers. */
import type { Frame } from "@playwright/test";
import { expect, guard, lookOptions, runsOf, type Site, test } from "./fixtures.ts";

const DESK = lookOptions({ width: 1440, theme: "light", language: "en" });
test.use(DESK);

const MEDIA = "/p/gallery/r/media001/media";

test("all media stand at one step, by keyboard and by link", async ({
  browser,
  guarded: page,
  site,
}) => {
  await page.goto(`${site.url}${MEDIA}?find=val|text`);
  const caption = page.getByText("intersection over union 0.95").first();
  await caption.waitFor();
  await page.keyboard.press("[");
  await page.keyboard.press("[");
  await expect(page).toHaveURL(/step=300/u);
  await expect(page.getByText("intersection over union 0.75").first()).toBeVisible();
  await expect(page.getByText("(step 3)")).toBeVisible();
  await page.getByRole("slider", { name: "Step of all media" }).press("Home");
  await expect(page.getByText("First logged at step 500.")).toBeVisible();
  const fresh = await (await browser.newContext(DESK)).newPage();
  await fresh.goto(page.url());
  await expect(fresh.getByText("intersection over union 0.45").first()).toBeVisible();
  await fresh.context().close();
});

test("boxes and masks are drawn where they were logged, and hidden by name", async ({
  guarded: page,
  site,
}) => {
  await page.goto(`${site.url}${MEDIA}?find=segmentation`);
  await expect(page.getByText(/^disc 0\.\d\d$/u)).toBeVisible();
  const paint = () =>
    page.locator("figure canvas").evaluate((canvas: HTMLCanvasElement) => {
      const pixels = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height);
      let sum = 0;
      for (let at = 3; at < (pixels?.data.length ?? 0); at += 4) sum += pixels?.data[at] ?? 0;
      return sum;
    });
  await expect.poll(paint).toBeGreaterThan(0);
  const [boxes, masks] = [
    page.getByRole("group", { name: /found$/u }),
    page.getByRole("group", { name: /guess$/u }),
  ];
  const whole = await paint();
  await masks.getByRole("button", { name: "ground" }).click();
  await expect.poll(paint).toBeLessThan(whole);
  await masks.getByRole("button", { name: "guess" }).click();
  await expect.poll(paint).toBe(0);
  await boxes.getByRole("button", { name: "disc" }).click();
  await expect(page.getByText(/^disc 0\.\d\d$/u)).toBeHidden();
  await page.reload();
  await expect(masks.getByRole("button", { name: "guess" })).toHaveAttribute(
    "aria-pressed",
    "false",
  );
});

test("a table is sorted and searched, and shows the pictures in its cells", async ({
  guarded: page,
  site,
}) => {
  await page.goto(`${site.url}${MEDIA}?find=predictions`);
  await page.getByRole("button", { name: "Full screen" }).click();
  const table = page.getByRole("dialog").getByRole("grid", { name: "val/predictions" });
  await table.getByRole("button", { name: "score" }).click();
  await expect(page).toHaveURL(/sort=-2/u);
  const scores = await table.locator("[role=row] [role=gridcell]:nth-child(3)").allInnerTexts();
  expect(scores.length).toBeGreaterThan(5);
  expect(scores).toEqual(scores.toSorted((a, b) => Number(b) - Number(a)));
  const picture = table.locator("img").first();
  await expect
    .poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth))
    .toBe(48);
  await page.getByRole("dialog").getByRole("textbox", { name: "Find in rows" }).fill("hard");
  await expect(page.getByRole("dialog").getByText(/^\d+ of 60 rows$/u)).toBeVisible();
});

test("charts fetch their library when one is seen, and draw what was logged", async ({
  guarded: page,
  site,
}) => {
  const library: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("vegaView")) library.push(request.url());
  });
  await page.goto(`${site.url}${MEDIA}?find=sample`);
  await page.locator("audio").waitFor();
  expect(library).toEqual([]);
  await page.getByRole("textbox", { name: "Find media" }).fill("chart/");
  const charts = page.getByRole("img", { name: /^Chart of chart/u });
  await expect(charts).toHaveCount(7);
  await expect(charts.locator("canvas")).toHaveCount(7);
  expect(library.length).toBeGreaterThan(0);
  const bars = page.getByRole("img", { name: /^Chart of chart\/by_class/u });
  await bars.hover({ position: { x: 120, y: 60 } });
  await expect(bars).toContainText("0.97");
});

test("a logged page is shown in a frame that cannot reach out", async ({ guarded: page, site }) => {
  await page.goto(`${site.url}${MEDIA}?find=report`);
  const frame = page.frameLocator("iframe");
  await expect(frame.getByRole("heading", { name: "Evaluation report" })).toBeVisible();
  expect(await page.evaluate(() => "hacked" in window)).toBe(false);
});

/** What happens to requests for the run's own address that start inside a frame. */
async function reached(frame: Frame | undefined, site: Site): Promise<readonly string[]> {
  if (!frame) throw new Error("the frame is not there");
  return frame.evaluate(
    (url) =>
      Promise.all(
        ["GET", "DELETE", "POST"].map((method) =>
          fetch(url, { method, credentials: "include" }).then(
            (reply) => `${method} ${reply.status}`,
            () => `${method} refused`,
          ),
        ),
      ),
    `${site.url}/api/runs/gallery/media001`,
  );
}

const NOTHING = ["GET refused", "DELETE refused", "POST refused"];

test("what a logged page may run reaches nothing of the API", async ({ page, site }) => {
  await page.goto(`${site.url}${MEDIA}?find=report`);
  await expect(page.frameLocator("iframe").getByRole("heading").first()).toBeVisible();
  const inner = page.frames().find((frame) => frame !== page.mainFrame());
  expect(await reached(inner, site)).toEqual(NOTHING);
  expect((await page.request.get(`${site.url}/api/runs/gallery/media001`)).status()).toBe(200);
});

test("figures are drawn by their own library, which reaches nothing of the API", async ({
  page,
  site,
}) => {
  const check = guard(page, site);
  await page.goto(`${site.url}${MEDIA}?find=figure/`);
  const plotly = page.frameLocator("iframe[title='figure/plotly']");
  await expect(plotly.locator(".scatterlayer .point")).toHaveCount(8);
  await expect(plotly.locator(".barlayer .point")).toHaveCount(8);
  await expect(plotly.getByText("Loss by epoch")).toBeVisible();
  const canvas = page.frameLocator("iframe[title='figure/bokeh']").locator("canvas").first();
  const coloured = (): Promise<number> =>
    canvas.evaluate((drawn: HTMLCanvasElement) => {
      const { data } = drawn.getContext("2d")?.getImageData(0, 0, drawn.width, drawn.height) ?? {};
      const pixels = Array.from({ length: (data?.length ?? 0) / 4 }, (_, at) => at * 4);
      return pixels.filter((at) => Math.abs((data?.[at] ?? 0) - (data?.[at + 2] ?? 0)) > 40).length;
    });
  // 120 points in blue; axes and labels are grey.
  await expect.poll(coloured).toBeGreaterThan(1000);
  check();
  // From here on requests are refused, which the browser calls errors.
  const frames = page.frames().filter((frame) => frame !== page.mainFrame());
  expect(frames).toHaveLength(2);
  for (const frame of frames) {
    expect(await frame.evaluate(() => origin)).toBe("null");
    expect(await reached(frame, site)).toEqual(NOTHING);
  }
});

test("a figure whose library the server lacks is told in words", async ({ page, site }) => {
  await page.route("**/api/figures/plotly", (route) =>
    route.fulfill({ status: 404, json: { title: "Not Found", detail: "not installed" } }),
  );
  await page.goto(`${site.url}${MEDIA}?find=figure/plotly`);
  await expect(page.getByText("pip install plotly")).toBeVisible();
  await expect(page.getByText("Loss by epoch")).toBeVisible();
  await expect(page.getByRole("listitem").filter({ hasText: "train (scatter)" })).toBeVisible();
  await expect(page.getByRole("link", { name: /plotly\.json/u })).toBeVisible();
});

test("joined tables stand side by side, and parts of a table below each other", async ({
  guarded: page,
  site,
}) => {
  await page.goto(`${site.url}${MEDIA}?find=nested/`);
  const joined = page.getByRole("grid", { name: "nested/joined" });
  await expect(joined.getByRole("columnheader")).toHaveText(
    ["id", "1: text", "1: score", "2: text", "2: score"].map((name) => new RegExp(`^${name}`, "u")),
  );
  const cells = (row: number) => joined.getByRole("row").nth(row).getByRole("gridcell");
  await expect(cells(1)).toHaveText(["1", "How long?", "3", "380 km", "0.9000"]);
  await expect(cells(3)).toHaveText(["3", "?", "0", "–", "–"]);
  await expect(cells(4)).toHaveText(["4", "–", "–", "blue", "0.1000"]);
  await expect(page.getByText("12 rows")).toBeVisible();
});

test("a trace shows what ran when, and what went in and came out", async ({
  guarded: page,
  site,
}) => {
  await page.goto(`${site.url}${MEDIA}?full=nested/trace`);
  const trace = page.getByRole("dialog").getByRole("region", { name: "nested/trace: 5 spans" });
  const failed = trace.locator("summary").filter({ hasText: "answer" }).first();
  await expect(failed).toContainText("LLM");
  await expect(failed).toContainText("1.02 s");
  await expect(failed.getByRole("img", { name: "failed" })).toBeVisible();
  await failed.click();
  await expect(trace.getByText("longer than 200 tokens")).toBeVisible();
  await trace.locator("summary").filter({ hasText: "search" }).click();
  await expect(trace.getByText("rivers.md")).toBeVisible();
});

test("a search goes through the whole run, and a hit opens where it stands", async ({
  guarded: page,
  site,
}) => {
  const failed = (await runsOf(site, "llm-sft")).find(({ status }) => status === "failed");
  await page.goto(`${site.url}/p/llm-sft/r/${failed?.run_id}/logs`);
  await page.getByRole("button", { name: "Whole run" }).click();
  const field = page.getByRole("textbox", { name: "Find in the log" });
  const hits = page.getByRole("grid", { name: "Whole run" });
  await field.fill("/epoch 1 |device-side/");
  await expect(page.getByText("2 hits, 100% searched")).toBeVisible();
  await hits.getByRole("row").filter({ hasText: "epoch 1 done" }).click();
  await expect(page.getByRole("dialog").locator("[aria-current=true]")).toContainText(
    "epoch 1 done",
  );
  await page.keyboard.press("Escape");
  await hits.getByRole("row").filter({ hasText: "device-side" }).click();
  await expect(page).toHaveURL(/stream=stderr.*at=\d+/u);
  await expect(page.getByRole("log").locator("[data-current=true]")).toContainText("device-side");
});

test("a pattern that is none is said to be none", async ({ page, site }) => {
  await page.goto(`${site.url}/p/gallery/r/media001/logs?whole=1&find=/(/`);
  await expect(page.getByRole("alert")).toContainText("The server refused");
});

test("an artifact leads to its files, its maker and its users", async ({ guarded: page, site }) => {
  await page.goto(`${site.url}/p/gallery/artifacts`);
  await page.getByRole("grid", { name: "Artifacts" }).getByText("shapes").click();
  await page.getByRole("grid", { name: "Versions" }).getByText("small").click();
  await expect(page).toHaveURL(/of=dataset\/shapes&v=v0/u);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "labels.json" }).click(),
  ]);
  const stream = await download.createReadStream();
  let text = "";
  for await (const part of stream) text += String(part);
  expect(text).toBe('["disc", "block"]');
  const graph = page.getByRole("region", { name: /^Lineage of/u });
  await expect(graph.getByRole("link")).toHaveCount(4);
  await graph.getByRole("link", { name: "train-0" }).click();
  await expect(page).toHaveURL(/\/r\/train000\/artifacts/u);
  await expect(page.getByText("1 logged, 1 used")).toBeVisible();
  await page.getByRole("link", { name: "segmenter:v0" }).click();
  await expect(page).toHaveURL(/of=model\/segmenter&v=v0/u);
});
