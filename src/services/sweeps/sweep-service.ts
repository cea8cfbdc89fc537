import { randomInt } from "node:crypto";
import { isId, randomId } from "../../domain/ids.ts";
import { randomRunName } from "../../domain/run-names.ts";
import { runFromRecord } from "../../domain/run-record.ts";
import { maskConfig } from "../../domain/secrets.ts";
import { sweepCombinations } from "../../domain/sweep-combinations.ts";
import { canonicalJson } from "../../domain/task-record.ts";
import { errors } from "../../protocol/errors.ts";
import type {
  Run,
  Sweep,
  SweepGetResult,
  SweepRun,
  SweepSpec,
  SweepStartParams,
  SweepStartResult,
} from "../../protocol/types.ts";
import type { Json } from "../../util/json.ts";
import { deepMerge } from "../../util/json-merge.ts";
import { findRecord } from "../lookup.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import { enqueue } from "../queue/enqueue.ts";
import { keepable, needsNotice } from "../queue/queued-plan.ts";
import type { ExecutionContext } from "../runs/execution.ts";
import { planOf } from "../runs/run-starter.ts";
import { takeSnapshot } from "../snapshots/snapshot-taker.ts";
import { sweepFields, sweepFromRecord, sweepRunId, templateOf, withoutIdentity } from "./sweep-record.ts";

/** Runs put in at a time. */
const AT_ONCE = 8;

/** Begins a sweep, or adds what is missing of one that is there. */
export async function startSweep(
  context: ExecutionContext,
  params: SweepStartParams,
  options: WorkOptions,
): Promise<SweepStartResult> {
  const record = (await knownSweep(context.project, params)) ?? (await newSweep(context, params, options));
  const added = await addMissing(context, record, options);
  return { sweep: sweepFromRecord(record), added };
}

/** A sweep with the run of each combination. */
export async function getSweep(project: OpenProject, asked: string): Promise<SweepGetResult> {
  const sweep = sweepFromRecord(await findRecord(project, "sweep", asked));
  const runs: SweepRun[] = [];
  const counts: Record<string, number> = {};
  for (const [index, values] of sweepCombinations(sweep.spec).entries()) {
    const run = await runOf(project, sweep.id, index);
    if (run) counts[run.status] = (counts[run.status] ?? 0) + 1;
    runs.push({ index, values: maskConfig(values), ...(run ? { run } : {}) });
  }
  return { sweep, runs, counts };
}

async function runOf(project: OpenProject, sweepId: string, index: number): Promise<Run | undefined> {
  const record = await project.records.get("run", sweepRunId(sweepId, index));
  return record && !record.deleted ? runFromRecord(record) : undefined;
}

/** Undefined when a new one is meant. Throws SWEEP_INVALID when it is another one than was started. */
async function knownSweep(project: OpenProject, params: SweepStartParams): Promise<StoredRecord | undefined> {
  if (params.id === undefined) return undefined;
  if (isId(params.id) && params.command !== undefined && !(await project.records.get("sweep", params.id)))
    return undefined;
  const record = await findRecord(project, "sweep", params.id);
  const { command, spec } = sweepFromRecord(record);
  const reason = "it was started with another command or other values; leave them out to add what is missing";
  if (params.command !== undefined && !same(params.command, command)) throw errors.SWEEP_INVALID({ reason });
  if (params.spec !== undefined && !same(seeded(params.spec, spec), spec))
    throw errors.SWEEP_INVALID({ reason });
  return record;
}

async function newSweep(
  context: ExecutionContext,
  params: SweepStartParams,
  options: WorkOptions,
): Promise<StoredRecord> {
  const { project } = context;
  const { id: asked, spec: given, name: _, group: __, command, ...start } = params;
  if (command === undefined || given === undefined)
    throw errors.SWEEP_INVALID({ reason: "it has no command or no values to try" });
  const spec = seeded(given);
  const combinations = sweepCombinations(spec);
  const id = asked ?? randomId();
  const name = params.name ?? randomRunName();
  const group = params.group ?? name;
  const base = await planOf(context, { ...start, command, group }, options);
  for (const values of combinations) keepable({ ...base, config: deepMerge(base.config, values) });
  const { plan, needs } = keepable(base);
  if (needs.length > 0) context.events.warn(needsNotice(needs));
  options.progress?.({ message: "Saving the state before the sweep" });
  const taken = await takeSnapshot(
    project,
    { message: plan.message ?? `before sweep ${name}`, visible: false, config: plan.config, metrics: {} },
    options,
  );
  const template = {
    ...withoutIdentity(plan),
    isolated: true as const,
    snapshotId: taken.id,
    snapshotTree: taken.code.treeId,
    sweepId: id,
  };
  const createdAt = base.createdAt;
  const sweep: Sweep = {
    id,
    name,
    group,
    command,
    spec,
    total: combinations.length,
    snapshotId: taken.id,
    createdAt,
  };
  const fields = sweepFields(sweep, template, needs);
  await project.records.commit([{ kind: "sweep", id, set: fields }]);
  return { kind: "sweep", id, createdAt, deleted: false, fields };
}

/** Runs that have no record yet; those that were deleted have one. */
async function addMissing(
  context: ExecutionContext,
  record: StoredRecord,
  options: WorkOptions,
): Promise<number> {
  const sweep = sweepFromRecord(record);
  const { template, needs } = templateOf(record);
  const combinations = [...sweepCombinations(sweep.spec).entries()];
  const began = Date.parse(sweep.createdAt);
  let added = 0;
  let next = 0;
  async function addNext(): Promise<void> {
    for (let one = combinations[next++]; one !== undefined; one = combinations[next++]) {
      options.signal?.throwIfAborted();
      const [index, values] = one;
      const id = sweepRunId(sweep.id, index);
      options.progress?.({ message: "Queueing runs", done: index, total: sweep.total });
      if (await context.project.records.get("run", id)) continue;
      const plan = {
        ...template,
        id,
        name: `${sweep.name}-${index + 1}`,
        // One after the other, so that lists have them in their order.
        createdAt: new Date(began + index).toISOString(),
        config: deepMerge(template.config, values),
      };
      if (await enqueue(context, { plan, needs })) added++;
    }
  }
  const lines = await Promise.allSettled(Array.from({ length: AT_ONCE }, addNext));
  // Thrown when none of them goes on: whoever looks then sees all that was added.
  const failed = lines.find((line) => line.status === "rejected");
  if (failed) throw options.signal?.aborted ? errors.CANCELLED({}) : failed.reason;
  return added;
}

/** A seed that was not given is made once, and kept. */
function seeded(spec: SweepSpec, known?: SweepSpec): SweepSpec {
  if (!spec.random) return spec;
  const seed = spec.random.seed ?? known?.random?.seed ?? randomInt(2 ** 31);
  return { ...spec, random: { ...spec.random, seed } };
}

function same(a: unknown, b: unknown): boolean {
  return canonicalJson(a as Json) === canonicalJson(b as Json);
}
