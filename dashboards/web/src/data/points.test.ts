import { expect, test } from "vitest";
import { project, toCloud } from "./points";

const CATEGORIES = [
  [1, 1, 1],
  [2, 2, 2],
] as const;

test("points lie around their middle, and none is further away than one", () => {
  const cloud = toCloud(
    [
      [10, 0, 0],
      [30, 0, 0],
      [20, 4, 0],
    ],
    CATEGORIES,
  );
  expect([...(cloud?.places ?? [])].map((one) => Number(one.toFixed(2)))).toEqual([
    -0.98, -0.2, 0, 0.98, -0.2, 0, 0, 0.2, 0,
  ]);
});

test("a fourth number is a category, six are a colour; scenes hold points too", () => {
  expect(toCloud([[0, 0, 0, 2]], CATEGORIES)?.colours).toEqual(Uint8Array.from([2, 2, 2]));
  const scene = { type: "lidar/beta", points: [[0, 0, 0, 9, 8, 7]] };
  expect(toCloud(scene, CATEGORIES)?.colours).toEqual(Uint8Array.from([9, 8, 7]));
  expect(toCloud({ points: ["no point"] }, CATEGORIES)).toBeNull();
});

test("turning keeps distances", () => {
  const cloud = toCloud(
    [
      [1, 2, 3],
      [-4, 5, 6],
      [7, -8, 9],
    ],
    CATEGORIES,
  );
  if (!cloud) throw new Error("no cloud");
  const seen = project(cloud, { yaw: 1.1, pitch: -0.4 });
  for (let at = 0; at < seen.length; at += 3) {
    expect(Math.hypot(...seen.subarray(at, at + 3))).toBeCloseTo(
      Math.hypot(...cloud.places.subarray(at, at + 3)),
    );
  }
});
