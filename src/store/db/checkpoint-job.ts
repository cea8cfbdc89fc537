import { Clock } from "../../domain/clock.ts";
import type { StoreProblem } from "../../services/ports/records.ts";
import { checkStore } from "./check.ts";
import { type CheckpointResult, checkpoint } from "./checkpoint.ts";
import type { Files } from "./files.ts";
import { ProblemLog } from "./problems.ts";
import { View } from "./view.ts";

/** Work on the whole store, done in a thread of its own. */
export interface StoreJob {
  readonly kind: "checkpoint" | "check";
  /** `.datmo` */
  readonly directory: string;
  readonly patient: boolean;
}

export interface JobResult {
  readonly checkpoint?: CheckpointResult;
  readonly problems: readonly StoreProblem[];
}

/** Throws what the system says. */
export async function runJob(job: StoreJob, files: Files, now: () => number): Promise<JobResult> {
  if (job.kind === "check") return { problems: await checkStore(files, job.directory) };
  const problems = new ProblemLog();
  const { directory, patient } = job;
  const view = new View({ files, directory, problems, clock: new Clock("", now), now, patient });
  try {
    await view.refresh();
    const result = await checkpoint(view, { files, directory, problems, now, patient });
    return { checkpoint: result, problems: problems.list };
  } finally {
    view.drop();
  }
}
