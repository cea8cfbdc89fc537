import type { StateDiff } from "../../protocol/types.ts";
import type { JsonObject } from "../../util/json.ts";
import type { SnapshotStore } from "../ports/snapshots.ts";
import { AnswerRoom } from "./answer-room.ts";
import type { TextOptions } from "./content-change.ts";
import { diffEnvironmentFiles, type EnvironmentFiles } from "./environment-changes.ts";
import { diffPaths, type PathOptions } from "./path-changes.ts";
import { diffEnvironmentFacts, diffKeys, diffPackages } from "./value-changes.ts";

/** One side of a comparison. What a side does not have is not compared. */
export interface ComparedState {
  readonly config?: JsonObject;
  readonly metrics?: JsonObject;
  readonly codeTree?: string;
  readonly environment?: {
    /** Holds the facts, under `environment`. */
    readonly manifest: JsonObject;
    readonly files: EnvironmentFiles;
  };
  /** The kept files; `tree` is absent when none were kept. */
  readonly files?: { readonly tree?: string };
}

/** How two states are to be compared, as the protocol asks for it. */
export interface CompareParams {
  readonly text?: "stat" | "full";
  readonly context?: number;
}

const DEFAULT_CONTEXT = 3;

/** What differs between two states: all five components, as far as both have them. */
export async function diffStates(
  store: SnapshotStore,
  a: ComparedState,
  b: ComparedState,
  params: CompareParams = {},
  options: Omit<PathOptions, "text"> = {},
): Promise<StateDiff> {
  const room = new AnswerRoom();
  const text = textOptions(params);
  const pathOptions = { ...options, ...(text ? { text } : {}) };
  const [x, y] = [a.environment, b.environment];
  const narrowed = options.paths !== undefined;
  return {
    config: a.config && b.config ? diffKeys(a.config, b.config) : [],
    metrics: a.metrics && b.metrics ? diffKeys(a.metrics, b.metrics) : [],
    environment: x && y ? diffEnvironmentFacts(x.manifest, y.manifest) : [],
    packages: x && y ? diffPackages(x.manifest, y.manifest) : [],
    environmentFiles:
      x && y && !narrowed ? await diffEnvironmentFiles(store, x.files, y.files, text, room) : [],
    code:
      a.codeTree !== undefined && b.codeTree !== undefined
        ? await diffPaths(store, a.codeTree, b.codeTree, pathOptions, room)
        : [],
    files: a.files && b.files ? await diffPaths(store, a.files.tree, b.files.tree, pathOptions, room) : [],
  };
}

function textOptions({ text, context = DEFAULT_CONTEXT }: CompareParams): TextOptions | undefined {
  if (text === undefined) return undefined;
  return text === "full" ? { context } : {};
}
