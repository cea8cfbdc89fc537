import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { ScriptOrder } from "./orders.ts";

/** Runs of one script. */
const RUNS_A_SCRIPT = 1000;
/** Scripts at a time. */
const SCRIPTS = 2;
const LONGEST_MS = 600_000;

/** Makes ended runs, by scripts that log as the clients do; resolves when their engines have left as well. */
export async function fill(order: ScriptOrder, onProgress: (made: number) => void): Promise<void> {
  const orders: ScriptOrder[] = [];
  for (let made = 0; made < order.runs; made += RUNS_A_SCRIPT) {
    const runs = Math.min(RUNS_A_SCRIPT, order.runs - made);
    orders.push({ ...order, first: order.first + made, runs });
  }
  let made = 0;
  const work = async (): Promise<void> => {
    for (let next = orders.shift(); next; next = orders.shift()) {
      await script(next);
      made += next.runs;
      onProgress(made);
    }
  };
  await Promise.all(Array.from({ length: SCRIPTS }, work));
}

async function script(order: ScriptOrder): Promise<void> {
  const program = join(import.meta.dirname, "fill-script.ts");
  const child = spawn(process.execPath, ["--import", "tsx", program, JSON.stringify(order)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.on("data", (chunk) => {
    printed += chunk;
  });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`a filling script ended with ${code}`);
  await gone(Number(printed));
}

/** Waits until the engine that a script has left behind has ended. */
async function gone(pid: number): Promise<void> {
  const until = Date.now() + LONGEST_MS;
  while (existsSync(`/proc/${pid}`)) {
    if (Date.now() > until) throw new Error(`the engine ${pid} of a script does not end`);
    await pause(20);
  }
}
