import { maskConfig, maskVariables } from "../../domain/secrets.ts";
import { errors } from "../../protocol/errors.ts";
import type { Lease } from "../ports/queue.ts";
import type { StoredRecord } from "../ports/records.ts";
import { isMasked, knownVariables, maskedKeys } from "../runs/credentials.ts";
import { type ExecutionPlan, withoutSecretValues } from "../runs/execution-plan.ts";

/** A run that waits: its state is taken, and it works in a copy of it. */
export interface QueuedPlan extends ExecutionPlan {
  readonly isolated: true;
  readonly snapshotId: string;
  readonly snapshotTree: string;
  readonly sweepId?: string;
}

/** A run that this engine may start, and nobody else. */
export interface ClaimedRun {
  readonly plan: QueuedPlan;
  readonly needs: readonly string[];
  readonly record: StoredRecord;
  readonly lease: Lease;
  readonly gpus?: readonly string[];
}

/**
 * A plan with those values masked that must not be kept, and the names of the variables that the worker has to give.
 * Throws QUEUE_REFUSED when it could not be executed with what may be kept.
 */
export function keepable<P extends ExecutionPlan>(
  plan: P,
): { readonly plan: P; readonly needs: readonly string[] } {
  if (plan.interactive) throw refusal("it asks for the terminal");
  if (isMasked(plan.command)) throw refusal("its command line holds a credential, which is not kept");
  const [key] = maskedKeys(maskConfig(plan.config));
  if (key !== undefined) throw refusal(`its config holds a credential (${key}), which is not kept`);
  const kept = withoutSecretValues(plan);
  const secrets = plan.secrets?.names ?? [];
  if (plan.variables === undefined) return { plan: kept, needs: secrets };
  const variables = maskVariables(plan.variables);
  return { plan: { ...kept, variables }, needs: [...knownVariables(variables).masked, ...secrets] };
}

export function needsNotice(names: readonly string[]): string {
  return `credentials are not kept: the worker must have ${names.join(", ")} in its own environment`;
}

function refusal(reason: string): Error {
  return errors.QUEUE_REFUSED({ reason });
}
