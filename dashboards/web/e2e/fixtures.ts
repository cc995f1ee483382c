/**
 * What every journey stands on: a generated directory, a real server, a living run, and a page
 * that fails the test on any console error, policy violation or request to another host.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContextOptions, test as base, expect, type Page } from "@playwright/test";

const HERE = import.meta.dirname;
const ROOT = join(HERE, "../../..");
const LIVE_SECONDS = "900";

function findPython(): string {
  const given = process.env["TRACKLAB_PYTHON"];
  if (given) return given;
  const own = join(ROOT, ".venv/bin/python");
  return existsSync(own) ? own : "python3";
}

const PYTHON = findPython();
const ENV = { ...process.env, PYTHONPATH: ROOT };

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === "object" && address
          ? resolve(address.port)
          : reject(new Error("no port")),
      );
    });
  });
}

function start(args: readonly string[]): ChildProcess {
  return spawn(PYTHON, args, { env: ENV, stdio: "ignore" });
}

async function waitFor(question: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    if (await question().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  throw new Error(`waited in vain for ${what}`);
}

export type Site = { readonly url: string };

type Run = { readonly run_id: string; readonly name: string; readonly status: string };

export type Look = {
  readonly width: number;
  readonly theme: "light" | "dark";
  readonly language: "en" | "zh";
};

export async function runsOf(site: Site, project: string): Promise<readonly Run[]> {
  const reply = await fetch(`${site.url}/api/runs?project=${project}&limit=100`);
  return ((await reply.json()) as { runs: readonly Run[] }).runs;
}

const HEIGHTS = new Map([[360, 780]]);

export function lookOptions({ width, theme, language }: Look): BrowserContextOptions {
  return {
    viewport: { width, height: HEIGHTS.get(width) ?? 900 },
    colorScheme: theme,
    locale: language === "zh" ? "zh-CN" : "en-US",
    reducedMotion: "reduce",
  };
}

/** Collect what must never happen; `check` fails when any of it did. */
export function guard(page: Page, site: Site): () => void {
  const faults: string[] = [];
  page.on("console", (message) => {
    // A policy violation arrives here as an error as well.
    if (message.type() === "error") faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`exception: ${error.message}`));
  page.on("request", (request) => {
    const url = new URL(request.url());
    const local = ["blob:", "data:"].includes(url.protocol);
    if (!local && url.origin !== site.url) faults.push(`off-origin request: ${request.url()}`);
  });
  return () => expect(faults).toEqual([]);
}

export const test = base.extend<{ guarded: Page }, { site: Site }>({
  site: [
    // biome-ignore lint/correctness/noEmptyPattern: the test runner reads which fixtures this one needs
    async ({}, use) => {
      const directory = mkdtempSync(join(tmpdir(), "tracklab-e2e-"));
      execFileSync(PYTHON, [join(HERE, "make_root.py"), directory], { env: ENV });
      const port = await freePort();
      const server = start([
        "-m",
        "tracklab.ui.backend.app",
        "--data-dir",
        directory,
        "--port",
        String(port),
      ]);
      const writer = start([join(HERE, "live_writer.py"), directory, LIVE_SECONDS]);
      const url = `http://127.0.0.1:${port}`;
      await waitFor(
        async () => (await fetch(`${url}/api/runs/llm-sft/liverun1`)).ok,
        "the living run",
      );
      await use({ url });
      writer.kill();
      server.kill();
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    },
    { scope: "worker" },
  ],
  guarded: async ({ page, site }, use) => {
    const check = guard(page, site);
    await use(page);
    check();
  },
});

export { expect };
