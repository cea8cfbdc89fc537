import { createGpuSlots, type GpuSlots } from "../../domain/gpu-slots.ts";
import type { QueueClaimParams, QueueClaimResult, Run } from "../../protocol/types.ts";
import { findRecord } from "../lookup.ts";
import type { Lease } from "../ports/queue.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import type { ActiveRun, ActiveRuns } from "../runs/active-runs.ts";
import type { ExecutionContext } from "../runs/execution.ts";
import { attemptOf, backToWaiting } from "./attempt.ts";
import type { ClaimedRun, QueuedPlan } from "./queued-plan.ts";
import { startQueued } from "./start-queued.ts";

/** Takes the oldest run that can be started and starts it. */
export interface QueueWorker {
  claim(context: ExecutionContext, params: QueueClaimParams, options: WorkOptions): Promise<QueueClaimResult>;
}

export function createQueueWorker(active: ActiveRuns<ActiveRun>): QueueWorker {
  /** One looks at a time, so that two of this engine never count on the same GPUs. */
  let looking: Promise<unknown> = Promise.resolve();

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = looking.then(work, work);
    looking = result.catch(() => undefined);
    return result;
  }

  return {
    async claim(context, params, options) {
      const { run: claimed, ...counts } = await inTurn(() => findRun(context.project, params));
      if (!claimed) return counts;
      const { gpus } = claimed;
      const run: Run = await startQueued(context, claimed, active, options);
      return { run, ...(gpus ? { gpus: [...gpus] } : {}), ...counts };
    },
  };
}

interface Found {
  readonly run?: ClaimedRun;
  readonly waiting: number;
  readonly held: number;
  readonly unfit: number;
}

async function findRun(project: OpenProject, params: QueueClaimParams): Promise<Found> {
  const counts = { waiting: 0, held: 0, unfit: 0 };
  const asked = params.sweepId;
  const sweepId = asked === undefined ? undefined : (await findRecord(project, "sweep", asked)).id;
  let slots: GpuSlots | undefined;
  for (const runId of await project.queue.ids()) {
    const entry = await project.queue.peek(runId);
    if (!entry || (sweepId !== undefined && entry.sweepId !== sweepId)) continue;
    let gpus: readonly string[] | undefined;
    if (entry.gpu !== undefined) {
      // What another worker starts now takes its GPUs itself.
      if (await project.queue.isHeld(runId)) {
        counts.held++;
        continue;
      }
      slots ??= createGpuSlots(await gpusOf(project, params), await busyGpus(project));
      const answer = slots.ask(entry.gpu);
      if (answer.kind === "later") counts.waiting++;
      if (answer.kind === "never") counts.unfit++;
      if (answer.kind !== "given") continue;
      gpus = answer.ids;
    }
    const found = await claimOne(project, runId, gpus);
    if (found === "held") counts.held++;
    else if (found === "busy") counts.waiting++;
    else if (found !== "over") return { run: found, ...counts };
  }
  return counts;
}

async function claimOne(
  project: OpenProject,
  runId: string,
  gpus: readonly string[] | undefined,
): Promise<ClaimedRun | "held" | "busy" | "over"> {
  const lease = await project.queue.take(runId);
  if (!lease) return "held";
  try {
    const entry = await project.queue.read(runId);
    const record = entry && (await project.records.get("run", runId));
    const attempt = record ? await attemptOf(project, record) : "none";
    if (entry && attempt === "unknown") return await givenBack(lease, "held");
    if (!entry || attempt === "begun") return await finished(lease);
    if (!(await backToWaiting(project, runId, lease))) return "over";
    const owner = await project.openRuns.thisProcess();
    const createdAt = (record as StoredRecord).createdAt;
    const given = gpus ? { gpus } : {};
    await project.openRuns.write(runId, { v: 1, type: "executed", createdAt, owner, ...given });
    if (gpus && (await areTaken(project, runId, gpus))) {
      await project.openRuns.remove(runId);
      return await givenBack(lease, "busy");
    }
    const plan = entry.plan as unknown as QueuedPlan;
    const now = (await project.records.get("run", runId)) as StoredRecord;
    return { plan, needs: entry.needs ?? [], record: now, lease, ...given };
  } catch (error) {
    await lease.release();
    throw error;
  }
}

/** Its command was started, or it has ended: others see to the rest. */
async function finished(lease: Lease): Promise<"over"> {
  await lease.finish();
  return "over";
}

async function givenBack<T>(lease: Lease, answer: T): Promise<T> {
  await lease.release();
  return answer;
}

async function gpusOf(project: OpenProject, params: QueueClaimParams): Promise<readonly string[]> {
  if (params.gpus) return params.gpus;
  const { gpus } = await project.capture.machine();
  return gpus.map((gpu, at) => String((gpu as { index?: number }).index ?? at));
}

/** GPUs of runs that go on, whichever worker gave them. */
async function busyGpus(project: OpenProject, except?: string): Promise<Set<string>> {
  const busy = new Set<string>();
  for (const id of await project.openRuns.ids()) {
    if (id === except) continue;
    for (const gpu of (await project.openRuns.read(id))?.gpus ?? []) busy.add(gpu);
  }
  return busy;
}

/** Two workers may have chosen the same at once; whoever sees that lets go, and both when both do. */
async function areTaken(project: OpenProject, runId: string, gpus: readonly string[]): Promise<boolean> {
  const busy = await busyGpus(project, runId);
  return gpus.some((id) => busy.has(id));
}
