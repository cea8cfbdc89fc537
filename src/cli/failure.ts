import { randomBytes } from "node:crypto";
import { DatmoError, errors } from "../protocol/errors.ts";
import { exitCodeOfFailure } from "./exit-codes.ts";
import type { Output } from "./output.ts";
import type { Style } from "./style.ts";

export interface FailureReport {
  readonly json: boolean;
  readonly exitsLikeCommand: boolean;
  /** DATMO_LOG=debug: whoever asks for everything gets the stack as well. */
  readonly debug: boolean;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly style: Style;
}

/** Tells what went wrong: one sentence and a hint, or the error as JSON. Returns the exit code. */
export async function reportFailure(thrown: unknown, report: FailureReport): Promise<number> {
  const error = thrown instanceof DatmoError ? thrown : unforeseen(thrown);
  if (report.json) await report.stdout.write(`${JSON.stringify({ error: errorObject(error) })}\n`);
  else await report.stderr.write(errorText(error, report));
  if (report.debug) await report.stderr.write(`${stackOf(error.cause ?? error)}\n`);
  return exitCodeOfFailure(error, report.exitsLikeCommand);
}

function errorObject(error: DatmoError): object {
  const { code, kind, message, details, hint } = error;
  return { code, kind, message, details, ...(hint === undefined ? {} : { hint }) };
}

function errorText(error: DatmoError, { style, exitsLikeCommand }: FailureReport): string {
  if (error.kind === "CANCELLED") return "Cancelled.\n";
  // The exit code of such a command does not tell what kind of failure it was.
  const kind = exitsLikeCommand && exitCodeOfFailure(error, true) === 125 ? ` (${error.kind})` : "";
  const hint = error.hint === undefined ? "" : `${style.cyan("hint:")} ${oneLine(error.hint)}\n`;
  return `${style.red(`error${kind}:`)} ${oneLine(error.message)}\n${hint}`;
}

/** An error nobody foresaw is a bug, and says so. */
function unforeseen(thrown: unknown): DatmoError {
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  const reference = randomBytes(4).toString("hex");
  return errors.INTERNAL_ERROR({ reference, reason }, { cause: thrown });
}

/** Messages may quote what others wrote: no line of it may pass for one of ours, nor steer the terminal. */
function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
}

function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}
