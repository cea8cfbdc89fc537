import { errors } from "../../protocol/errors.ts";
import type { OpenProject, OpenRun } from "../project/open-project.ts";
import type { EndFacts } from "./run-end.ts";
import type { RunSession } from "./run-session.ts";
import { readTaskJson } from "./task-files.ts";

/** Longest wait of a leaving engine for a script that is about to leave as well, milliseconds. */
export const LEAVING_MS = 1_000;
export const LEAVING_POLL_MS = 10;

/**
 * Takes in what a script says when it is ended together with its engine. Resolves when it has said its end, when it
 * is gone, or after a second: then it lives on without this engine, and a later one takes in its end.
 */
export async function takeLastWord(project: OpenProject, session: RunSession, open: OpenRun): Promise<void> {
  const until = Date.now() + LEAVING_MS;
  for (;;) {
    // Looked at first: what a script that is gone has left is complete.
    const alive = (await project.openRuns.ownerState(open)) === "alive";
    await session.intake.pull();
    if (session.intake.end() || !alive || Date.now() > until) return;
    await new Promise((resolve) => setTimeout(resolve, LEAVING_POLL_MS));
  }
}

/** The end of a run whose script is gone: by its last line, else `lost`. */
export async function endOfAbandoned(project: OpenProject, session: RunSession): Promise<EndFacts> {
  const said = session.intake.end();
  if (said) {
    const { at, ...rest } = said;
    return { ...rest, endedAt: at };
  }
  const { id } = session.fields;
  const endedAt = new Date().toISOString();
  // Somebody asked it to stop, and it did so without a word.
  if (await readTaskJson(project.taskDirectory(id), "stop.json")) return { status: "stopped", endedAt };
  const lost = errors.RUN_LOST({ id });
  return {
    status: "lost",
    endedAt,
    error: { kind: lost.kind, message: lost.message },
  };
}

/** Whether the script of a run that its engine recorded as `lost` has said its end since. */
export function saidEndLater({ fields, intake }: RunSession): boolean {
  return fields.get("status") === "lost" && intake.end() !== undefined;
}
