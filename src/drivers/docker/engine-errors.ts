import { DatmoError, errors } from "../../protocol/errors.ts";

/** What the client library and the system throw. */
export interface EngineError {
  readonly statusCode?: number;
  readonly json?: { readonly message?: string } | null;
  readonly code?: string;
  readonly message: string;
}

/** What was asked for, to be named in an error. */
export interface Asked {
  readonly endpoint: string;
  readonly image?: string;
  readonly command?: string;
  readonly memoryBytes?: number;
  readonly cpus?: number;
}

const UNREACHABLE = new Set([
  "ENOENT",
  "EACCES",
  "EPERM",
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
]);

/**
 * The error of the table for what an engine answered. Engines and their versions word things differently, so only
 * the status and fragments that all of them have are looked at. GPU trouble is told by `isGpuRefusal`.
 */
export function engineError(error: unknown, asked: Asked): DatmoError {
  if (error instanceof DatmoError) return error;
  const { statusCode, code } = error as EngineError;
  const reason = reasonOf(error);
  const cause = { cause: error };
  if (statusCode === undefined && code !== undefined && UNREACHABLE.has(code)) {
    return errors.CONTAINER_ENGINE_STOPPED({ endpoint: asked.endpoint, reason }, cause);
  }
  if (/container-init binary not found/.test(reason)) {
    const missing = "the small init program that its containers need is missing (package catatonit)";
    return errors.CONTAINER_ENGINE_UNUSABLE({ endpoint: asked.endpoint, reason: missing }, cause);
  }
  const source = /(?:bind )?source path does not exist:? ?(\S.*)?$/.exec(reason)?.[1];
  if (/source path does not exist|statfs .*: no such file/.test(reason)) {
    const path = source ?? /statfs (.*): no such file/.exec(reason)?.[1] ?? "";
    return errors.MOUNT_SOURCE_MISSING({ path }, cause);
  }
  const port = takenPort(reason);
  if (port !== undefined) return errors.PORT_TAKEN({ port }, cause);
  if (/minimum memory limit|unable to set memory limit/i.test(reason)) {
    const minimum = /(\d+ ?[kmg]i?b)\b/i.exec(reason)?.[1] ?? "more";
    return errors.MEMORY_TOO_SMALL({ asked: asked.memoryBytes ?? 0, minimum }, cause);
  }
  if (/range of cpus/i.test(reason)) {
    return errors.CPUS_UNAVAILABLE({ asked: asked.cpus ?? 0, reason }, cause);
  }
  if (asked.command !== undefined && isCommandMissing(reason)) {
    return errors.COMMAND_NOT_IN_IMAGE({ command: asked.command, image: asked.image ?? "" }, cause);
  }
  if (asked.image !== undefined && isImageMissing(statusCode, reason)) {
    return errors.IMAGE_MISSING({ image: asked.image, reason }, cause);
  }
  return errors.CONTAINER_ENGINE_FAILED({ reason }, cause);
}

/** True when the engine could not hand over GPUs: no driver, no toolkit, no specification, or a broken one. */
export function isGpuRefusal(error: unknown): boolean {
  return /could not select device driver|unknown (or invalid )?runtime|CDI|nvidia-container|gathering device information/i.test(
    reasonOf(error),
  );
}

export function isNotFound(error: unknown): boolean {
  return (error as EngineError).statusCode === 404;
}

/** The engine's own words in one line, without what the library puts around them. */
export function reasonOf(error: unknown): string {
  const { json, message } = error as EngineError;
  const text = json?.message ?? jsonMessage(message) ?? message.replace(/^\(HTTP code \d+\) [^-]*- /, "");
  return text.trim().replace(/[.\s]+$/, "");
}

function jsonMessage(text: string): string | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}

function takenPort(reason: string): number | undefined {
  if (!/port is already allocated|address already in use/i.test(reason)) return undefined;
  const port = /:(\d+)(?::| failed)[^:]*(?:bind|port is already)/i.exec(reason)?.[1];
  return Number(port ?? /:(\d{2,5})\b/.exec(reason)?.[1] ?? 0);
}

function isCommandMissing(reason: string): boolean {
  return /executable file .* ?not found|exec: .*(no such file or directory|permission denied|is a directory)/i.test(
    reason,
  );
}

function isImageMissing(status: number | undefined, reason: string): boolean {
  if (
    /no such image|manifest (for .* )?(not found|unknown)|pull access denied|repository does not exist/i.test(
      reason,
    )
  )
    return true;
  return status === 404 && !/no such container/i.test(reason);
}
