import type { Run, Snapshot } from "../../src/protocol/types.ts";

/** A finished run; what matters to a test is laid over it. */
export function exampleRun(changes: Partial<Run> = {}): Run {
  return {
    id: "k3vq7m2xw5hd4tz6bnrjc7ya2e",
    name: "quiet-heron",
    type: "script",
    origin: "executed",
    status: "succeeded",
    exitCode: 0,
    command: ["python", "train.py"],
    driver: "host",
    config: { lr: 0.1 },
    metrics: { accuracy: 0.9555555 },
    tags: [],
    createdAt: "2026-03-14T09:26:01.000Z",
    startedAt: "2026-03-14T09:26:02.000Z",
    endedAt: "2026-03-14T09:26:04.300Z",
    durationMs: 2300,
    ...changes,
  };
}

export function exampleSnapshot(changes: Partial<Snapshot> = {}): Snapshot {
  return {
    id: "f4gq2nz7wkd5xb3mjt6ryv2hpa",
    message: "two trainings compared",
    label: "best",
    visible: true,
    createdAt: "2026-03-14T09:30:00.000Z",
    codeId: "b2a6ab50cd27260f59dea8077f10a7243852825f",
    environmentId: "4r5cbr4c7kg3jr5szqagatxjav",
    config: {},
    metrics: {},
    files: [],
    ...changes,
  };
}
