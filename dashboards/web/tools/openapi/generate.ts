/**
 * Write src/api/schema.ts from the document that the server itself would serve, or with --check
 * fail when the committed file says something else.
 *
 * The interpreter is TRACKLAB_PYTHON, else the checkout's own, else python3.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import openapiTS, { astToString } from "openapi-typescript";

const HERE = import.meta.dirname;
const ROOT = join(HERE, "../../../..");
const TARGET = join(HERE, "../../src/api/schema.ts");
const HEAD =
  "/** Made by tools/openapi from the server's OpenAPI document: change the server, not this. */\n\n";

const DUMP = `
import json, sys
from tracklab.server.app import create_app
print(json.dumps(create_app(sys.argv[1]).openapi(), sort_keys=True))
`;

function findPython(): string {
  const own = join(ROOT, ".venv/bin/python");
  return process.env["TRACKLAB_PYTHON"] ?? (existsSync(own) ? own : "python3");
}

function serverDocument(): object {
  const empty = mkdtempSync(join(tmpdir(), "tracklab-openapi-"));
  const env = { ...process.env, PYTHONPATH: ROOT };
  const text = execFileSync(findPython(), ["-c", DUMP, empty], {
    env,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  rmSync(empty, { recursive: true, force: true });
  return JSON.parse(text) as object;
}

const made =
  HEAD +
  astToString(
    await openapiTS(serverDocument() as Parameters<typeof openapiTS>[0], {
      immutable: true,
      alphabetize: true,
    }),
  );
if (!process.argv.includes("--check")) writeFileSync(TARGET, made);
else if (!existsSync(TARGET) || readFileSync(TARGET, "utf8") !== made) {
  process.stderr.write("src/api/schema.ts is not what the server says: run `npm run schema`\n");
  process.exitCode = 1;
}
