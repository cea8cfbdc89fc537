import { HOST_ID } from "../../domain/environment-record.ts";
import { fieldPath, flattenFields } from "../../domain/field-paths.ts";
import { randomRunName } from "../../domain/run-names.ts";
import { maskCommand, maskConfig } from "../../domain/secrets.ts";
import type { RunCreateParams } from "../../protocol/types.ts";
import type { Json } from "../../util/json.ts";

/** First fields of a recorded run's record; when it goes on after an end, that end is taken back. */
export function recordedFields(
  params: RunCreateParams,
  createdAt: string,
  resumes: boolean,
): Record<string, Json> {
  const set: Record<string, Json> = {
    ...flattenFields("config", maskConfig((params.config ?? {}) as Record<string, Json>)),
    ...Object.fromEntries((params.tags ?? []).map((tag) => [fieldPath("tags", tag), true])),
    status: "running",
  };
  // Whoever has to end the run takes none either.
  if (params.snapshots === false) set["snapshots"] = false;
  if (params.group !== undefined) set["group"] = params.group;
  if (params.note !== undefined) set["note"] = params.note;
  if (params.name !== undefined) set["name"] = params.name;
  if (resumes) return { ...set, endedAt: null, exitCode: null, error: null };
  set["name"] ??= randomRunName();
  if (params.command !== undefined) set["command"] = maskCommand(params.command) as unknown as Json;
  return {
    ...set,
    createdAt,
    startedAt: createdAt,
    type: params.type ?? "script",
    origin: "recorded",
    environmentId: HOST_ID,
  };
}
