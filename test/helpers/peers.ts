import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";

/** Python with the other tools (`test/fixtures/peers/requirements.txt`). */
const PYTHON = process.env["DATMO_TEST_PEERS_PYTHON"] ?? resolve(".venv-peers/bin/python");

/** Why tests against the real tools cannot run; false: they can. For the option `skip` of a test. */
export const noPeers: string | false = existsSync(PYTHON)
  ? false
  : "needs the other tools: python3 -m venv .venv-peers, and test/fixtures/peers/requirements.txt in it";

/** Runs a script with the other tools; what it prints last, as JSON. */
export function askPeer<T>(code: string, ...args: string[]): T {
  const env = {
    ...process.env,
    MLFLOW_ALLOW_FILE_STORE: "true",
    MLFLOW_ENABLE_ASYNC_LOGGING: "false",
    WANDB_MODE: "offline",
    WANDB_SILENT: "true",
    WANDB__DISABLE_STATS: "true",
    TRACKIO_NO_BROWSER: "1",
    PYTHONDONTWRITEBYTECODE: "1",
  };
  const text = execFileSync(PYTHON, ["-c", code, ...args], {
    encoding: "utf8",
    env,
    timeout: 300_000,
    maxBuffer: 512 * 1024 * 1024,
    stdio: ["ignore", "pipe", "pipe"],
  });
  return JSON.parse(text.trimEnd().split("\n").at(-1) ?? "null") as T;
}
