import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Runs what people run most, so that V8's compiled code of it is there from the first start on. Each process adds
 * what it compiled to what the ones before it left.
 */
export async function warmUp(outdir) {
  const directory = await mkdtemp(join(tmpdir(), "datmo-warm-up-"));
  const options = {
    cwd: directory,
    env: { ...process.env, DATMO_CODE_CACHE: "update", DATMO_RUN_ID: "", DATMO_TASK_DIR: "", DATMO_MODE: "" },
    stdio: "ignore",
  };
  try {
    for (const line of [
      "version",
      "init --force",
      "run true",
      "run ls",
      "snapshot create -m x",
      "status",
      "run ls",
    ]) {
      const { status } = spawnSync(process.execPath, [join(outdir, "datmo.js"), ...line.split(" ")], options);
      if (status !== 0) throw new Error(`the built program fails: datmo ${line} ended with ${status}`);
    }
    await recordOnce(join(outdir, "engine.js"), options);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A script's life with its engine: initialize, run.create, metric.log, run.finish. */
function recordOnce(engine, options) {
  const id = "a".repeat(26);
  const messages = [
    ["initialize", { protocolVersion: 1, client: { name: "warm-up", version: "0" } }],
    ["run.create", { id }],
    ["metric.log", { runId: id, points: { name: ["x"], step: [0], value: [1], at: [1] } }],
    ["run.finish", { id, exitCode: 0 }],
  ].map(([method, params], index) => JSON.stringify({ jsonrpc: "2.0", id: index, method, params }));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [engine, "--stdio"], {
      ...options,
      stdio: ["pipe", "ignore", "ignore"],
    });
    child.once("error", reject);
    child.once("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`the built engine ended with ${code}`)),
    );
    child.stdin.end(messages.map((text) => `Content-Length: ${text.length}\r\n\r\n${text}`).join(""));
  });
}
