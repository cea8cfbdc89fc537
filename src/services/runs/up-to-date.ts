import type { OpenProject } from "../project/open-project.ts";
import type { Services } from "../services.ts";
import type { RunSession } from "./run-session.ts";

/** Longest wait of somebody who reads: a run may be taking a snapshot, and the disk may be slow. */
const MOST_MS = 2_000;

/**
 * The current project, once the records of this engine's runs hold what those have said and printed up to now;
 * else they lag a little behind.
 */
export async function upToDate(services: Services): Promise<OpenProject> {
  const { project } = await services.project();
  const sessions = services.active.all().flatMap((run) => run.session ?? []);
  if (sessions.length > 0) await atMost(MOST_MS, Promise.all(sessions.map(takeIn)));
  return project;
}

/** What cannot be taken in now (the disk is full) is tried again by whoever watches the run. */
export async function takeIn(session: RunSession): Promise<void> {
  await session.pull().catch(() => undefined);
  await session.metrics.publish("now").catch(() => undefined);
}

async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, over]);
  clearTimeout(timer);
}
