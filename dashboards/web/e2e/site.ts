/** Once for all journeys: a generated directory, a real server in front of it, and a living run. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const HERE = import.meta.dirname;
const ROOT = join(HERE, "../../..");
/** Longer than the journeys take on a slow machine; the writer ends by itself. */
const LIVE_SECONDS = "900";
const PATIENCE_MS = 60_000;

/** Where the tests find the server's address. */
export const SITE_URL = "TRACKLAB_JOURNEY_URL";
/** Where they find its directory, to write into it themselves. */
export const SITE_DIRECTORY = "TRACKLAB_JOURNEY_DIRECTORY";

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

/** Let runs live on hosts, named with how many GPUs each has: `gpu-01=8`. A kill ends them. */
export function startCluster(directory: string, project: string, hosts: readonly string[]) {
  const script = join(HERE, "cluster_writer.py");
  return start([script, directory, LIVE_SECONDS, project, ...hosts]);
}

const SEARCH = join(HERE, "search.py");

/** Begin a sweep of twelve trials, and return its address. */
export function beginSearch(directory: string, project: string): string {
  return execFileSync(PYTHON, [SEARCH, directory, project], { env: ENV, encoding: "utf8" }).trim();
}

/** Run so many trials of a sweep; with `hold` each waits until the agent's input ends. */
export function startAgent(directory: string, sweep: string, trials: number, hold?: "hold") {
  const args = [SEARCH, directory, sweep, String(trials), ...(hold ? [hold] : [])];
  return spawn(PYTHON, args, { env: ENV, stdio: ["pipe", "ignore", "ignore"] });
}

async function waitFor(question: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    if (await question().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  throw new Error(`waited in vain for ${what}`);
}

/** Start everything; what comes back ends it. */
export default async function openSite(): Promise<() => void> {
  const directory = mkdtempSync(join(tmpdir(), "tracklab-e2e-"));
  const programs: ChildProcess[] = [];
  const close = (): void => {
    for (const program of programs) program.kill();
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    execFileSync(PYTHON, [join(HERE, "make_root.py"), directory], { env: ENV });
    const port = String(await freePort());
    const url = `http://127.0.0.1:${port}`;
    programs.push(
      start(["-m", "tracklab.ui.backend.app", "--data-dir", directory, "--port", port]),
      start([join(HERE, "live_writer.py"), directory, LIVE_SECONDS]),
      startCluster(directory, "fabric", ["gpu-01=8", "gpu-02=8", "gpu-03?=8"]),
    );
    const living = `${url}/api/runs/llm-sft/liverun1`;
    await waitFor(async () => (await fetch(living)).ok, "the living run");
    process.env[SITE_URL] = url;
    process.env[SITE_DIRECTORY] = directory;
  } catch (error) {
    close();
    throw error;
  }
  return close;
}
