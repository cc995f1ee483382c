import { expect, test } from "vitest";
import { changesOf, parseAddress, toMoves } from "./artifacts";

test.each([
  ["model/net:v3", { type: "model", name: "net", version: "v3" }],
  ["model/net", { type: "model", name: "net", version: "" }],
  ["net", null],
  ["", null],
])("%s is %j", (text, address) => {
  expect(parseAddress(text)).toEqual(address);
});

test("files are new, changed or the same, and those that are gone are counted", () => {
  const before = [
    { path: "a", digest: "1" },
    { path: "b", digest: "2" },
    { path: "c", digest: "3" },
  ];
  const files = [
    { path: "a", digest: "1" },
    { path: "b", digest: "9" },
    { path: "d", digest: "4" },
  ];
  const { changes, gone } = changesOf(files, before);
  expect(Object.fromEntries(changes)).toEqual({ a: "same", b: "changed", d: "new" });
  expect(gone).toBe(1);
});

test("events become moves; one that names no version does not", () => {
  const event = (data: { [name: string]: unknown }) => ({
    timestamp: "t",
    seq: 1,
    writer: null,
    data,
  });
  const moves = toMoves([
    event({ op: "use", type: "model", name: "net", version: "v3", size: 5, aliases: ["best"] }),
    event({ op: "link", name: "net" }),
  ]);
  expect(moves).toHaveLength(1);
  expect(moves[0]).toMatchObject({ op: "use", version: "v3", size: 5, aliases: ["best"] });
});
