/** Journeys run in the distribution's Chromium against a real server; nothing is downloaded. */
import { defineConfig } from "@playwright/test";
import { findChromium } from "./e2e/chromium.ts";

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  globalSetup: "./e2e/site.ts",
  timeout: 180_000,
  expect: { timeout: 30_000 },
  fullyParallel: false,
  workers: 2,
  // As for the Python tests: what fails is tried once more and listed, for a busy machine is late.
  retries: 1,
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    actionTimeout: 30_000,
    navigationTimeout: 30_000,
    launchOptions: {
      executablePath: findChromium(),
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
