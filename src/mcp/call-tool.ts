import { type CallToolResult, ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import { type DatmoError, errors, isDatmoError } from "../protocol/errors.ts";
import { methodInfo } from "../protocol/methods.ts";
import type { JsonObject } from "../util/json.ts";
import { askBounded } from "./bounded.ts";
import type { Engine, Grant } from "./engine-port.ts";
import { type ProgressStep, progressSteps } from "./progress-steps.ts";
import { assertGranted } from "./reach.ts";
import { methodOf } from "./tools.ts";

export interface ToolCall {
  readonly name: string;
  readonly arguments: JsonObject;
  readonly signal: AbortSignal;
  /** Absent: the client did not ask how far it has come. */
  readonly onProgress?: (step: ProgressStep) => void;
}

/** Calls the method behind a tool. What the engine refuses is a result that the agent reads, not a broken call. */
export async function callTool(engine: Engine, grant: Grant, call: ToolCall): Promise<CallToolResult> {
  const method = methodOf(call.name);
  if (method === undefined)
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, `There is no tool ${call.name.slice(0, 100)}`);
  try {
    await assertGranted(method, call.arguments, grant);
    const steps = progressSteps();
    const { onProgress } = call;
    const { result, note } = await askBounded(engine, method, call.arguments, {
      signal: call.signal,
      ...(onProgress && methodInfo[method].progress
        ? { onProgress: (progress) => onProgress(steps(progress)) }
        : {}),
    });
    const texts = [JSON.stringify(result), ...(note === undefined ? [] : [note])];
    return {
      content: texts.map((text) => ({ type: "text", text })),
      structuredContent: result,
    };
  } catch (error) {
    return failure(error);
  }
}

/** The error as the command line's `--json` prints it. */
export function errorText(thrown: unknown): string {
  const error = isDatmoError(thrown) ? thrown : unforeseen(thrown);
  const { code, kind, message, details, hint } = error;
  return JSON.stringify({
    error: { code, kind, message, details, ...(hint === undefined ? {} : { hint }) },
  });
}

function failure(thrown: unknown): CallToolResult {
  return { isError: true, content: [{ type: "text", text: errorText(thrown) }] };
}

/** An error nobody foresaw is a bug, and says so. */
function unforeseen(thrown: unknown): DatmoError {
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return errors.INTERNAL_ERROR({ reference: "mcp", reason }, { cause: thrown });
}
