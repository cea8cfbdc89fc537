import { setTimeout as sleep } from "node:timers/promises";
import type Dockerode from "dockerode";
import type { Connection } from "./connection.ts";
import { type EngineError, isNotFound } from "./engine-errors.ts";

export type ContainerState = Dockerode.ContainerInspectInfo;

/**
 * Creates a container and answers its id. All that is asked goes into the body: the library puts it into the address
 * of the request as well, where many variables are too long, and which engines write into their logs.
 */
export async function createContainer(
  connection: Connection,
  { name, ...body }: Dockerode.ContainerCreateOptions,
): Promise<string> {
  const query = name === undefined ? "" : `?name=${encodeURIComponent(name)}`;
  const answer = await connection.ask("POST", `/containers/create${query}`, { body });
  return (answer as { Id: string }).Id;
}

/** Undefined when the engine has no such container. */
export async function inspectContainer(
  connection: Connection,
  id: string,
): Promise<ContainerState | undefined> {
  try {
    return (await connection.ask("GET", `/containers/${id}/json`)) as ContainerState;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** True while its command runs, or is held. */
export function isRunning({ State: state }: ContainerState): boolean {
  return state.Running || state.Paused || state.Restarting;
}

/**
 * Resolves when a started container has ended; undefined when it was removed behind our back. An engine that is
 * restarted meanwhile is waited for: its containers are not lost by that.
 */
export async function waitForEnd(connection: Connection, id: string): Promise<ContainerState | undefined> {
  for (let pause = 50; ; pause = Math.min(pause * 2, 2000)) {
    try {
      // Asked after the start: before it, an engine answers at once that it is not running.
      await waitAWhile(connection, id);
    } catch (error) {
      if (!isNotFound(error) && isAnswer(error)) throw error;
    }
    try {
      const state = await inspectContainer(connection, id);
      if (!state || !isRunning(state)) return state;
    } catch (error) {
      if (isAnswer(error)) throw error;
    }
    await sleep(pause);
  }
}

/**
 * A wait whose engine is killed may never be answered: its client notices no end once the answer has begun. So no
 * single one is relied on for longer than this.
 */
const LONGEST_WAIT_MS = 5_000;

async function waitAWhile(connection: Connection, id: string): Promise<void> {
  const giveUp = new AbortController();
  const ended = connection.ask("POST", `/containers/${id}/wait`, { signal: giveUp.signal });
  ended.catch(() => {});
  const timer = new AbortController();
  try {
    await Promise.race([ended, sleep(LONGEST_WAIT_MS, undefined, { signal: timer.signal })]);
  } finally {
    timer.abort();
    giveUp.abort();
  }
}

/** The engine itself said it, so it is there. */
function isAnswer(error: unknown): boolean {
  const { statusCode } = error as EngineError;
  // 500 and 503 are also what an engine says that is about to go or not ready yet.
  return statusCode !== undefined && statusCode < 500;
}

/** Removes a container with its anonymous volumes, running or not. One that is gone is no error. */
export async function removeContainer(connection: Connection, id: string): Promise<void> {
  try {
    await connection.ask("DELETE", `/containers/${id}?force=true&v=true`);
  } catch (error) {
    // 409: somebody else is removing it at this moment.
    const { statusCode } = error as EngineError;
    if (statusCode !== 404 && statusCode !== 409) throw error;
  }
}
