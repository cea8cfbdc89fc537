import type { ImportedFacts } from "../../../services/ports/importers.ts";
import type { Json } from "../../../util/json.ts";
import { plainNumber } from "../plain-values.ts";

/** What MLflow keeps of a run, whether in files or in a database. */
export interface MlflowRun {
  readonly name: string | undefined;
  readonly status: ImportedFacts["status"];
  /** Milliseconds since the epoch. */
  readonly startTime: number | undefined;
  readonly endTime: number | undefined;
  readonly experiment: string | undefined;
  readonly params: ReadonlyMap<string, string>;
  readonly tags: ReadonlyMap<string, string>;
}

/** Tags of MLflow's own begin so. */
const OWN = "mlflow.";
const LONGEST_TAG = 200;

export function factsOf(run: MlflowRun): ImportedFacts {
  const { tags, params, startTime, endTime, experiment } = run;
  const name = tags.get("mlflow.runName") ?? run.name;
  const note = tags.get("mlflow.note.content");
  const commit = tags.get("mlflow.source.git.commit");
  const branch = tags.get("mlflow.source.git.branch");
  const remote = tags.get("mlflow.source.git.repoURL");
  return {
    ...(name ? { name } : {}),
    status: run.status ?? "lost",
    ...(startTime === undefined ? {} : { startedAt: new Date(startTime).toISOString() }),
    ...(endTime === undefined ? {} : { endedAt: new Date(endTime).toISOString() }),
    ...(experiment ? { group: experiment } : {}),
    ...(note ? { note } : {}),
    ...(commit ? { userGit: { commit, ...(branch ? { branch } : {}), ...(remote ? { remote } : {}) } } : {}),
    tags: [...tags]
      .filter(([key]) => !key.startsWith(OWN))
      .map(tagText)
      .filter(fits),
    labels: Object.fromEntries(tags),
    config: Object.fromEntries([...params].map(([key, value]) => [key, paramValue(value)])),
  };
}

/** MLflow keeps every param as a text; numbers and truths are told as what they were. */
function paramValue(text: string): Json {
  if (text === "True" || text === "False") return text === "True";
  return plainNumber(text) ?? text;
}

function tagText([key, value]: [string, string]): string {
  return value === "" ? key : `${key}=${value}`;
}

function fits(tag: string): boolean {
  return tag.length > 0 && tag.length <= LONGEST_TAG;
}

const STATUSES: Readonly<Record<string, ImportedFacts["status"]>> = {
  3: "succeeded",
  4: "failed",
  5: "stopped",
  FINISHED: "succeeded",
  FAILED: "failed",
  KILLED: "stopped",
};

/** A number in files, a word in databases. Whether one that runs still does, nobody knows. */
export function statusOf(status: unknown): ImportedFacts["status"] {
  return STATUSES[String(status)] ?? "lost";
}
