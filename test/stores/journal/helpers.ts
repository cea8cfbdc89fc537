import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { crc32 } from "node:zlib";
import type { TaskFolderTail } from "../../../src/services/ports/task-folders.ts";
import { openTaskFolder, type TaskFolderOptions } from "../../../src/store/journal/task-folder.ts";

export const RUN_ID = "abcdefghijklmnopqrstuvwxyz";

export interface Folder {
  readonly base: string;
  readonly task: string;
  readonly tail: TaskFolderTail;
  readonly problems: string[];
  /** Appends text to a journal file. */
  write(name: string, text: string): void;
}

/** A run's task folder with its subfolders, removed after the test. */
export function makeFolder(t: TestContext, options: Partial<TaskFolderOptions> = {}): Folder {
  const base = mkdtempSync(join(tmpdir(), "datmo-journal-"));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  const task = join(base, "tasks", RUN_ID);
  for (const name of ["journal", "spool", "reply"]) mkdirSync(join(task, name), { recursive: true });
  const problems: string[] = [];
  const tail = openTaskFolder({
    taskDirectory: task,
    runId: RUN_ID,
    onProblem: (message) => problems.push(message),
    ...options,
  });
  return {
    base,
    task,
    tail,
    problems,
    write: (name, text) => appendFileSync(join(task, "journal", name), text),
  };
}

export function config(n: number): object {
  return { v: 1, type: "config", at: "2026-01-01T00:00:00.000Z", config: { n } };
}

export function lines(...entries: object[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
}

export function spoolHeader(runId: string = RUN_ID): Buffer {
  const header = Buffer.alloc(64);
  header.write("DATMOSPL", 0, "latin1");
  header.writeUInt32LE(1, 8);
  header.writeUInt32LE(64, 12);
  header.writeBigUInt64LE(42n, 16);
  header.write(runId, 24, "latin1");
  header.writeUInt32LE(crc32(header.subarray(0, 60)), 60);
  return header;
}
