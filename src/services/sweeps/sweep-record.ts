import { contentId } from "../../domain/ids.ts";
import type { Sweep } from "../../protocol/types.ts";
import type { Json } from "../../util/json.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { QueuedPlan } from "../queue/queued-plan.ts";
import type { ExecutionPlan } from "../runs/execution-plan.ts";

/** What all runs of a sweep have in common. */
export type SweepTemplate = Omit<QueuedPlan, "id" | "name" | "createdAt">;

/** Fields of a sweep's record; they never change. */
export function sweepFields(
  sweep: Sweep,
  template: SweepTemplate,
  needs: readonly string[],
): { [path: string]: Json } {
  const { id: _, ...told } = sweep;
  return {
    ...(told as unknown as Record<string, Json>),
    template: template as unknown as Json,
    needs: [...needs],
  };
}

export function sweepFromRecord({ id, createdAt, fields }: StoredRecord): Sweep {
  const { name, group, command, spec, total, snapshotId } = fields as unknown as Sweep;
  return { id, name, group, command, spec, total, snapshotId, createdAt };
}

export function templateOf({ fields }: StoredRecord): {
  readonly template: SweepTemplate;
  readonly needs: readonly string[];
} {
  return {
    template: fields["template"] as unknown as SweepTemplate,
    needs: fields["needs"] as unknown as string[],
  };
}

/** The run of a combination always has the same id, so it is never added twice. */
export function sweepRunId(sweepId: string, index: number): string {
  return contentId(`sweep ${sweepId} ${index}`);
}

/** A plan without what is of one run alone. */
export function withoutIdentity<P extends ExecutionPlan>(plan: P): Omit<P, "id" | "name" | "createdAt"> {
  const { id: _id, name: _name, createdAt: _createdAt, ...rest } = plan;
  return rest;
}
