import { maskConfig } from "../../domain/secrets.ts";
import { isDatmoError } from "../../protocol/errors.ts";
import type { JsonObject } from "../../util/json.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import { environmentFiles, environmentManifest } from "../snapshots/environment-files.ts";
import { activeHeld, captureHeld } from "../snapshots/held-environment.ts";
import { CONFIG_FILES, METRICS_FILES, readRootObject } from "../snapshots/input-files.ts";
import type { ComparedState } from "./state-diff.ts";

/** The project's folder as it is now, and what of it cannot be compared. It keeps no files. */
export async function folderState(
  project: OpenProject,
  options: WorkOptions,
): Promise<{ state: ComparedState; skipped: { path: string; reason: string }[] }> {
  const capturing = project.snapshots.captureCode(options);
  const codeTree = capturing.then((capture) => capture.treeId);
  codeTree.catch(() => undefined);
  const [code, facts, config, metrics] = await Promise.all([
    capturing,
    activeHeld(project).then((held) => captureHeld(project, held, { codeTree })),
    rootObject(project.directory, CONFIG_FILES),
    rootObject(project.directory, METRICS_FILES),
  ]);
  const state: ComparedState = {
    codeTree: code.treeId,
    environment: {
      manifest: { environment: environmentManifest(facts) },
      files: { captured: environmentFiles(facts) },
    },
    ...(config.value ? { config: maskConfig(config.value) } : {}),
    ...(metrics.value ? { metrics: metrics.value } : {}),
  };
  return { state, skipped: [...code.skipped, ...config.skipped, ...metrics.skipped] };
}

/** A file that is being edited may be no JSON for a while: looking at what differs must still work. */
async function rootObject(
  directory: string,
  names: readonly string[],
): Promise<{ value?: JsonObject; skipped: { path: string; reason: string }[] }> {
  try {
    const value = await readRootObject(directory, names);
    return { skipped: [], ...(value ? { value } : {}) };
  } catch (error) {
    if (!isDatmoError(error)) throw error;
    const { source, reason } = error.details as { source?: string; reason?: string };
    return { skipped: [{ path: source ?? names.join(", "), reason: reason ?? error.message }] };
  }
}
