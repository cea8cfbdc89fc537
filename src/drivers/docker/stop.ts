import { setTimeout as sleep } from "node:timers/promises";
import type { Connection } from "./connection.ts";
import { type EngineError, isNotFound } from "./engine-errors.ts";

export interface StopOptions {
  /** Milliseconds between asking and killing. */
  readonly graceMs: number;
  readonly signal?: "SIGINT" | "SIGTERM";
}

/**
 * Asks what runs in a container to end, and kills it after the grace. Resolves when it has ended; false when it did
 * not run.
 */
export async function stopContainer(
  connection: Connection,
  id: string,
  options: StopOptions,
): Promise<boolean> {
  const ended = connection.ask("POST", `/containers/${id}/wait`).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
  });
  // Looked at below; a failure meanwhile is not unhandled.
  ended.catch(() => {});
  if (!(await kill(connection, id, options.signal ?? "SIGTERM"))) return false;
  // A timer that keeps nothing waiting once the container has ended.
  const timer = new AbortController();
  const grace = sleep(options.graceMs, "over", { signal: timer.signal }).catch(() => "ended");
  const first = await Promise.race([ended, grace]);
  timer.abort();
  if (first === "over") await kill(connection, id, "SIGKILL");
  await ended;
  return true;
}

/** False when it does not run (any more). */
async function kill(connection: Connection, id: string, signal: string): Promise<boolean> {
  try {
    await connection.ask("POST", `/containers/${id}/kill?signal=${signal}`);
    return true;
  } catch (error) {
    const { statusCode } = error as EngineError;
    // 409 is Docker's, 500 with a sentence older Podman's.
    if (statusCode === 404 || statusCode === 409 || /not running/.test((error as Error).message))
      return false;
    throw error;
  }
}
