import type { Snapshot } from "../protocol/types.ts";
import type { Json, JsonObject } from "../util/json.ts";
import { nestFields } from "./field-paths.ts";

/** What the protocol shows of a snapshot's record. */
export function snapshotFromRecord(record: {
  readonly id: string;
  readonly createdAt: string;
  readonly fields: { readonly [path: string]: Json };
}): Snapshot {
  const { fields } = record;
  const label = fields["label"];
  const runId = fields["runId"];
  return {
    id: record.id,
    message: (fields["message"] as string | undefined) ?? "",
    ...(typeof label === "string" ? { label } : {}),
    visible: fields["visible"] === true,
    createdAt: record.createdAt,
    ...(typeof runId === "string" ? { runId } : {}),
    codeId: (fields["codeTree"] as string | undefined) ?? "",
    ...(typeof fields["codeFiles"] === "number" ? { codeFiles: fields["codeFiles"] } : {}),
    ...(typeof fields["codeBytes"] === "number" ? { codeBytes: fields["codeBytes"] } : {}),
    environmentId: (fields["environmentId"] as string | undefined) ?? "",
    config: nestFields("config", fields) as JsonObject,
    metrics: nestFields("metrics", fields) as Snapshot["metrics"],
    files: ((fields["files"] as unknown) ?? []) as Snapshot["files"],
    ...(fields["late"] === true ? { late: true } : {}),
  };
}
