import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { leaveRun } from "./script-run.mjs";

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
    await writeFile(join(directory, "train.py"), "print(1)\n");
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
    for (const letter of ["a", "b"]) await recordOnce(join(outdir, "engine.js"), letter.repeat(26), options);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A script's life with its engine, as both clients lead it: points as a message, and in a spool. */
async function recordOnce(engine, id, options) {
  await leaveRun(options.cwd, id);
  const child = spawn(process.execPath, [engine, "--stdio"], {
    ...options,
    stdio: ["pipe", "pipe", "ignore"],
  });
  const ended = new Promise((resolve, reject) => child.once("error", reject).once("exit", resolve));
  const ask = conversation(child);
  const spool = { file: `${"s".repeat(26)}.bin`, from: 64, to: 160 };
  await ask("initialize", { protocolVersion: 1, client: { name: "warm-up", version: "0" } });
  await ask("run.create", { id, config: { lr: 0.1 }, command: ["train"] });
  await ask("metric.log", { runId: id, spool });
  await ask("metric.log", { runId: id, points: { name: ["x"], step: [0], value: [1], at: [1] } });
  await ask("run.finish", { id, exitCode: 0 });
  child.stdin.end();
  const code = await ended;
  if (code !== 0) throw new Error(`the built engine ended with ${code}`);
}

/** Asks one request after the other; throws for an answer that is an error. */
function conversation(child) {
  let id = 0;
  let text = "";
  let take = () => {};
  child.stdout.setEncoding("latin1").on("data", (piece) => {
    text += piece;
    const answer = new RegExp(`{"jsonrpc":"2.0","id":${id},"(result|error)":.*`).exec(text);
    if (answer) take(answer);
  });
  return (method, params) => {
    id++;
    const body = JSON.stringify({ jsonrpc: "2.0", id, method, params });
    return new Promise((resolve, reject) => {
      take = ([answer, kind]) => (kind === "result" ? resolve() : reject(new Error(`${method}: ${answer}`)));
      child.once("exit", () => reject(new Error(`the built engine left at ${method}`)));
      child.stdin.write(`Content-Length: ${body.length}\r\n\r\n${body}`);
    });
  };
}
