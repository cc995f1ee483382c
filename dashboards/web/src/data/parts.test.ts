import { expect, test } from "vitest";
import { partsIn } from "./parts";

const PATHS = [
  "files/parts/1.table.json",
  "files/parts/0.table.json",
  "files/parts/x.txt",
  "files/parts/deep/2.table.json",
  "files/partsmore/3.table.json",
  "history.jsonl",
];
const FOUND = ["files/parts/0.table.json", "files/parts/1.table.json"];

test.each(["files/parts", "./files/parts/", "parts", "/data/p/q/r1/files/parts"])(
  "parts are found below %s",
  (folder) => expect(partsIn(folder, "p/q/r1", PATHS)).toEqual(FOUND),
);

test.each(["elsewhere", "/data/p/other/files/parts", "", "file"])("none lie below %j", (folder) =>
  expect(partsIn(folder, "p/q/r1", PATHS)).toEqual([]),
);
