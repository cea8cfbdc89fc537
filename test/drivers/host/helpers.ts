import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Command, StartSpec } from "../../../src/services/ports/drivers.ts";
import { readProcessStat } from "../../../src/util/process-identity.ts";

export interface Place {
  readonly directory: string;
  readonly taskDirectory: string;
  spec(command: string | string[], more?: Partial<StartSpec>): StartSpec;
}

/** A working directory and the folder of one run, removed after the test. */
export function makePlace(t: TestContext): Place {
  const directory = mkdtempSync(join(tmpdir(), "datmo-host-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const runId = `run${Math.random().toString(36).slice(2)}`;
  const taskDirectory = join(directory, ".datmo", "tasks", runId);
  return {
    directory,
    taskDirectory,
    spec: (command, more) => ({
      runId,
      command: commandOf(command),
      directory,
      taskDirectory,
      environment: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", DATMO_RUN_ID: runId },
      interactive: false,
      ...more,
    }),
  };
}

/** Waits for something outside this process; the test's own time limit ends it when it never comes. */
export async function until<T>(
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  for (;;) {
    const found = await look();
    if (found) return found;
    await sleep(10);
  }
}

/** False for a zombie: it has ended, and waits for its parent to look. */
export function isRunning(pid: number): boolean {
  const state = readProcessStat(pid)?.state;
  return state !== undefined && state !== "Z" && state !== "X";
}

function commandOf(command: string | string[]): Command {
  return typeof command === "string" ? { kind: "shell", text: command } : { kind: "argv", argv: command };
}
