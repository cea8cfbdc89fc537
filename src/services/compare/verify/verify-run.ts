import { isEnded, runFromRecord } from "../../../domain/run-record.ts";
import { errors } from "../../../protocol/errors.ts";
import type { Run, RunVerifyParams, RunVerifyResult } from "../../../protocol/types.ts";
import { findRecord } from "../../lookup.ts";
import type { OpenProject } from "../../project/open-project.ts";
import { causesOf } from "./causes.ts";
import { compareData } from "./data-differences.ts";
import { metricDifferences, producedDifferences, statusDifferences } from "./effects.ts";

/** Does a repetition give the same: status, metrics and produced files; and if not, what comes first, and why. */
export async function verifyRun(project: OpenProject, params: RunVerifyParams): Promise<RunVerifyResult> {
  const rerunRecord = await findRecord(project, "run", params.rerunId);
  const rerun = runFromRecord(rerunRecord);
  if (!isEnded(rerun.status)) throw errors.RUN_ACTIVE({ id: rerun.id, status: rerun.status });
  const originalId = params.originalId ?? rerun.rerunOf;
  if (originalId === undefined) {
    throw errors.RUN_NOT_RERUNNABLE({ id: rerun.id, reason: "it repeats no other run; name the original" });
  }
  const originalRecord = await findRecord(project, "run", originalId, { deleted: true });
  const original = runFromRecord(originalRecord);
  const tolerance = params.tolerance ?? 0;
  const [data, produced, metrics] = await Promise.all([
    compareData(project, original, rerun),
    producedDifferences(project, original, rerun),
    metricDifferences(project, original, rerun, tolerance),
  ]);
  const causes = await causesOf(project, originalRecord, rerunRecord, data.differences);
  const effects = [...statusDifferences(original, rerun), ...metrics, ...produced.differences];
  const [first] = effects;
  const [likeliest] = causes;
  return {
    same: effects.length === 0,
    ...(first ? { first } : {}),
    ...(first && likeliest ? { cause: likeliest } : {}),
    tolerance,
    original,
    rerun,
    differences: [...causes, ...effects],
    comparedMetrics: new Set([...Object.keys(original.metrics), ...Object.keys(rerun.metrics)]).size,
    comparedFiles: produced.compared,
    notCaptured: [...new Set([...notCaptured(original), ...notCaptured(rerun), ...data.unknown])],
  };
}

function notCaptured(run: Run): readonly string[] {
  return run.notCaptured ?? [];
}
