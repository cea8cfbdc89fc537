import { errors, isDatmoError } from "../../protocol/errors.ts";
import type { PluginCallParams, PluginCallResult } from "../../protocol/types.ts";
import type { JsonObject } from "../../util/json.ts";
import { abortOnSignal } from "../abort-on-signal.ts";
import type { Call } from "../call.ts";
import type { CommandModule } from "../command-module.ts";
import { canAsk, openPrompter } from "../prompt.ts";
import { permissionsText } from "../render/plugin-text.ts";
import { plain } from "../render/text.ts";

interface Options {
  readonly timeout?: string;
}

export const pluginCall: CommandModule = {
  define(command) {
    command
      .argument("<name>", "name of the plugin")
      .argument("<command>", "one of its commands")
      .argument("[params]", "params, as JSON")
      .option("--timeout <seconds>", "longest time it may take (60)");
  },
  async run(call) {
    const [name, command, params] = call.args as [string, string, string?];
    const { timeout } = call.options<Options>();
    return answerCall(call, {
      name,
      command,
      ...(params === undefined ? {} : { params: jsonObject(params) }),
      ...(timeout === undefined ? {} : { timeoutMs: milliseconds(timeout) }),
    });
  },
};

/** Calls a command and prints its answer; on a terminal, asks for what was not granted. */
export async function answerCall(call: Call, params: PluginCallParams): Promise<number> {
  const interrupt = abortOnSignal(call.host);
  const ask = (): Promise<PluginCallResult> =>
    call.request("plugin.call", params, { signal: interrupt.signal });
  try {
    const result = await ask().catch(async (error: unknown) => {
      const isAsking = isDatmoError(error) && error.kind === "PLUGIN_NOT_GRANTED" && !call.json;
      if (!isAsking || !(await grantNow(call, params.name))) throw error;
      return ask();
    });
    await call.answer(result, () => valueText(result.result));
    return 0;
  } finally {
    interrupt.end();
  }
}

async function grantNow(call: Call, name: string): Promise<boolean> {
  if (!canAsk(call)) return false;
  const { plugin, permissions } = await call.request("plugin.get", { name });
  await call.note(permissionsText(plugin, permissions, call.noteStyle));
  const prompt = openPrompter(call);
  const yes = await prompt.yes(`Allow ${plain(name)} this, for this project and exactly this content?`);
  prompt.close();
  if (yes) await call.request("plugin.grant", { name, asked: true });
  return yes;
}

/** Text as it is, anything else as JSON. Line by line, since what a plugin says must not steer the terminal. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value, undefined, 2);
  return text.split("\n").map(plain).join("\n");
}

/** Throws INVALID_PARAMS. */
export function jsonObject(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  const summary = "The params are not a JSON object.";
  throw errors.INVALID_PARAMS({ summary, problems: [] }, { hint: 'Such as \'{"metric": "acc"}\'.' });
}

function milliseconds(text: string): number {
  const seconds = Number(text);
  if (seconds >= 0.001 && seconds <= 3600) return Math.round(seconds * 1000);
  throw errors.INVALID_PARAMS({ summary: "--timeout takes seconds, up to 3600.", problems: [] });
}
