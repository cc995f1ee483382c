// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from "vitest";
import type { RunState } from "../api/types";
import { en } from "../locales/en";
import { TextContext } from "../locales/useText";
import { zh } from "../locales/zh";
import { AnsiLine } from "./AnsiLine";
import { Menu, MenuItem, SearchField, Segments } from "./controls";
import { Grid } from "./Grid";
import { after, byRole, clearPage, show } from "./render.testing";
import { StatusGlyph } from "./StatusGlyph";
import { Coverage, Empty, Failure } from "./states";

afterEach(clearPage);

const ROWS = [
  { id: "a", loss: 0.5 },
  { id: "b", loss: 0.25 },
];
const COLUMNS = [
  { id: "id", header: "Run", width: 100, sort: "id", cell: (row: (typeof ROWS)[number]) => row.id },
  {
    id: "loss",
    header: "Loss",
    width: 80,
    end: true,
    cell: (row: (typeof ROWS)[number]) => String(row.loss),
  },
];

test.each([
  "running",
  "finished",
  "failed",
  "crashed",
  "killed",
  "preempted",
  "stale",
  "stalled",
] as const)("the state %s is told by word too", async (status: RunState) => {
  const host = await show(<StatusGlyph status={status} />);
  byRole(host, "img", en.states[status]);
});

test("a state speaks the chosen language", async () => {
  const host = await show(
    <TextContext value={zh}>
      <StatusGlyph status="running" />
    </TextContext>,
  );
  byRole(host, "img", zh.states.running);
});

test("segments tell which one is chosen and report another", async () => {
  const choose = vi.fn();
  const host = await show(
    <Segments
      label="x"
      value="step"
      options={[
        ["step", "Step"],
        ["time", "Time"],
      ]}
      onChange={choose}
    />,
  );
  expect(byRole(host, "radio", "Step").getAttribute("aria-checked")).toBe("true");
  await after(() => byRole(host, "radio", "Time").click());
  expect(choose).toHaveBeenCalledWith("time");
});

test("a menu opens, and closes with Escape", async () => {
  const host = await show(
    <Menu label="Columns">{() => <MenuItem text="Loss" onClick={() => undefined} />}</Menu>,
  );
  await after(() => byRole(host, "button", "Columns").click());
  const item = byRole(host, "button", "Loss");
  await after(() =>
    item.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true })),
  );
  expect(host.textContent).not.toContain("Loss");
});

test("a search field reports what is cleared", async () => {
  const change = vi.fn();
  const host = await show(
    <SearchField label="Filter" value="abc" clear="Clear" onChange={change} />,
  );
  await after(() => byRole(host, "button", "Clear").click());
  expect(change).toHaveBeenCalledWith("");
});

test("a grid counts all its rows and sorts by its headers", async () => {
  const sort = vi.fn();
  const host = await show(
    <Grid
      auto
      label="Runs"
      columns={COLUMNS}
      rows={ROWS}
      rowId={(row) => row.id}
      sort="-id"
      onSort={sort}
    />,
  );
  const grid = byRole(host, "grid", "Runs");
  expect(grid.getAttribute("aria-rowcount")).toBe("3");
  expect(host.querySelector('[role="columnheader"]')?.getAttribute("aria-sort")).toBe("descending");
  await after(() => byRole(host, "button", "Run▼").click());
  expect(sort).toHaveBeenCalledWith("id");
});

test("arrows move through a grid and Enter opens the row", async () => {
  const open = vi.fn();
  const host = await show(
    <Grid auto label="Runs" columns={COLUMNS} rows={ROWS} rowId={(row) => row.id} onOpen={open} />,
  );
  const grid = byRole(host, "grid", "Runs");
  const press = (key: string) =>
    after(() => grid.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true })));
  await press("ArrowDown");
  await press("ArrowDown");
  await press("Enter");
  expect(open).toHaveBeenCalledWith(ROWS[1]);
});

test("a failure shows the server's words and tries again", async () => {
  const retry = vi.fn();
  const host = await show(
    <Failure error={Object.assign(new Error("no such run"), { status: 404 })} retry={retry} />,
  );
  expect(host.textContent).toContain("no such run");
  expect(host.textContent).toContain(en.failure.missing);
  await after(() => byRole(host, "button", en.retry).click());
  expect(retry).toHaveBeenCalledTimes(1);
});

test("an empty page names the code that fills it, and a partial one its share", async () => {
  const host = await show(
    <>
      <Empty title="Nothing" code="run.log({})" />
      <Coverage ratio={0.82} />
      <Coverage ratio={1} />
    </>,
  );
  expect(host.querySelector("pre")?.textContent).toBe("run.log({})");
  expect(host.querySelectorAll('[role="status"]')).toHaveLength(1);
  expect(host.textContent).toContain("82%");
});

test("logged markup stays text", async () => {
  const host = await show(
    <AnsiLine text={"\u001b[31m<img src=x onerror=alert(1)>\u001b[0m"} mark="img" />,
  );
  expect(host.querySelector("img")).toBeNull();
  expect(host.textContent).toBe("<img src=x onerror=alert(1)>");
  expect(host.querySelector("mark")?.textContent).toBe("img");
});
