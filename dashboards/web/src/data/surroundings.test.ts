import { expect, test } from "vitest";
import { readSurroundings } from "./surroundings";

test("what a run recorded is read", () => {
  const read = readSurroundings({
    git: {
      branch: "main",
      remote: "https://host/x",
      dirty: true,
      changed: 2,
      untracked: ["a", 7],
      untracked_count: 120,
      patch: "files/environment/diff.patch",
      patch_cut: true,
    },
    environment: {
      packages: { count: 3, path: "files/environment/requirements.txt" },
      accelerators: [{ name: "H100" }, { name: null }, 7],
      variables: { RANK: "0", odd: 1 },
    },
  });
  expect(read).toEqual({
    branch: "main",
    remote: "https://host/x",
    dirty: true,
    changed: 2,
    untracked: ["a"],
    untrackedCount: 120,
    patch: "files/environment/diff.patch",
    patchCut: true,
    packages: [["packages", 3, "files/environment/requirements.txt"]],
    accelerators: ["H100"],
    variables: [["RANK", "0"]],
  });
});

test("anything else is as if nothing was recorded", () => {
  for (const odd of [
    {},
    { git: 7, environment: [] },
    { git: null, environment: { packages: 1 } },
  ]) {
    const read = readSurroundings(odd);
    expect([read.dirty, read.packages, read.variables, read.untrackedCount]).toEqual([
      null,
      [],
      [],
      0,
    ]);
  }
});
