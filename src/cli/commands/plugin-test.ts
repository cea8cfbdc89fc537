import { isDatmoError } from "../../protocol/errors.ts";
import type { PluginTestOutcome, PluginTestParams, PluginTestResult } from "../../protocol/types.ts";
import { abortOnSignal } from "../abort-on-signal.ts";
import type { Call } from "../call.ts";
import type { CommandModule } from "../command-module.ts";
import { EXIT } from "../exit-codes.ts";
import { canAsk, openPrompter } from "../prompt.ts";
import { permissionsText } from "../render/plugin-text.ts";
import { count, plain } from "../render/text.ts";

interface Options {
  readonly asked?: boolean;
  readonly allowAll?: boolean;
}

export const pluginTest: CommandModule = {
  define(command) {
    command
      .argument("<dir>", "folder with datmo-plugin.json")
      .option("--asked", "allow what reaches beyond the project that is thrown away: hosts, variables, …")
      .option("--allow-all", "everything there is, without a sandbox")
      .addHelpText(
        "after",
        `
Checks its types, runs its own tests (files such as main_test.ts), starts it, and carries out tests.json, each test
in a project of its own. Exits with 8 when something is not as it should be.`,
      );
  },
  async run(call) {
    const { asked, allowAll } = call.options<Options>();
    const params: PluginTestParams = {
      directory: call.args[0] as string,
      ...(asked ? { asked } : {}),
      ...(allowAll ? { all: true } : {}),
    };
    const result = await tested(call, params);
    await call.answer(result, () => resultsText(call, result));
    if (!call.json) await noteEnd(call, result);
    return result.failed > 0 ? EXIT.plugin : EXIT.ok;
  },
};

/** What reaches beyond the project is asked for on a terminal. */
async function tested(call: Call, params: PluginTestParams): Promise<PluginTestResult> {
  const interrupt = abortOnSignal(call.host);
  const ask = (given: PluginTestParams): Promise<PluginTestResult> =>
    call.request("plugin.test", given, { signal: interrupt.signal, progress: true });
  try {
    return await ask(params).catch(async (error: unknown) => {
      if (!isDatmoError(error) || error.kind !== "PLUGIN_NOT_GRANTED" || !canAsk(call)) throw error;
      const wants = String(error.details["asks"]);
      const prompt = openPrompter(call);
      const yes = await prompt.yes(
        `It asks for more than its tests' own project: ${plain(wants)}. Allow it?`,
      );
      prompt.close();
      if (!yes) throw error;
      return ask({ ...params, ...(wants.startsWith("everything,") ? { all: true } : { asked: true }) });
    });
  } finally {
    interrupt.end();
  }
}

function resultsText(call: Call, { plugin, permissions, results }: PluginTestResult): string {
  const lines = results.map((one) => resultLine(call, one));
  return `${permissionsText(plugin, permissions, call.style)}\n\n${lines.join("\n")}`;
}

function resultLine({ style }: Call, { name, passed, durationMs, problem = "" }: PluginTestOutcome): string {
  const mark = passed ? style.green("ok    ") : style.red("FAILED");
  const line = `${mark}  ${plain(name)} ${style.dim(`(${Math.round(durationMs)} ms)`)}`;
  const indented = problem.split("\n").map((text) => `        ${plain(text)}`);
  return problem === "" ? line : [line, ...indented].join("\n");
}

async function noteEnd(call: Call, { passed, failed, output, results }: PluginTestResult): Promise<void> {
  if (failed > 0 && output !== undefined) {
    await call.note(`What it printed:\n${output.trimEnd().split("\n").map(plain).join("\n")}`);
  }
  if (!results.some(({ kind }) => kind === "case" || kind === "unit") && failed === 0) {
    await call.note("It has no tests; see docs/plugins.md for tests.json.");
  }
  await call.note(`${count(passed, "test")} passed, ${failed} failed.`);
}
