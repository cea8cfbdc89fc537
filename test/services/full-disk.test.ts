import assert from "node:assert/strict";
import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { errors } from "../../src/protocol/errors.ts";
import type { OpenProject } from "../../src/services/project/open-project.ts";
import type { RunFields } from "../../src/services/runs/run-fields.ts";
import { createRunIntake } from "../../src/services/runs/run-intake.ts";
import type { RunMetrics } from "../../src/services/runs/run-metrics.ts";
import { openTaskFolder } from "../../src/store/journal/task-folder.ts";
import { temporaryFolder } from "../helpers/engine.ts";

test("a line that the disk does not take stays, and is taken in once there is room", async () => {
  const taskDirectory = await temporaryFolder();
  await mkdir(join(taskDirectory, "journal"));
  const line = (step: number): string =>
    `${JSON.stringify({ v: 1, at: "2026-01-01T00:00:00Z", type: "points", points: { name: ["x"], step: [step], value: [step], at: [1] } })}\n`;
  const journal = join(taskDirectory, "journal", "w.jsonl");
  await writeFile(journal, line(0) + line(1));
  const taken: number[] = [];
  const warnings: string[] = [];
  let full = true;
  const metrics = {
    async append(points) {
      if (full) throw errors.DISK_FULL({ operation: "points", directory: taskDirectory });
      taken.push(...points.step);
      return { points: points.step.length };
    },
    publish: async () => undefined,
  } as Partial<RunMetrics> as RunMetrics;
  const intake = createRunIntake({
    project: { series: { takenTo: async () => 0 } } as unknown as OpenProject,
    run: { id: "a".repeat(26) } as RunFields,
    metrics,
    folder: openTaskFolder({ taskDirectory, runId: "a".repeat(26) }),
    root: taskDirectory,
    workingDirectory: taskDirectory,
    answer: async () => ({}),
    warn: (message) => warnings.push(message),
  });
  await assert.rejects(intake.pull(), { kind: "DISK_FULL" });
  await assert.rejects(intake.pull(), { kind: "DISK_FULL" });
  await appendFile(journal, `${line(2)}{"broken":1}\n${line(3)}`);
  full = false;
  await intake.pull();
  assert.deepEqual(taken, [0, 1, 2, 3]);
  assert.deepEqual(warnings, []);
});
