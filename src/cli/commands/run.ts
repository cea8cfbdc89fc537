import { randomUUID } from "node:crypto";
import { errors } from "../../protocol/errors.ts";
import type { RunStartParams } from "../../protocol/types.ts";
import type { Call } from "../call.ts";
import type { CommandModule } from "../command-module.ts";
import { EXIT, exitCodeOfRun } from "../exit-codes.ts";
import { GPU_VALUE } from "../options/place-values.ts";
import { defineRunOptions, queueParams, type RunOptions, runParams } from "../options/run-options.ts";
import { runSummary } from "../render/run-summary.ts";
import { commandText, plain, shortId } from "../render/text.ts";
import { withSecrets } from "../running/ask-secrets.ts";
import { followRun } from "../running/follow-run.ts";
import { showPreparation } from "../running/show-preparation.ts";
import { workingDirectory } from "../running/working-directory.ts";

export const run: CommandModule = {
  optionalValues: { "--gpu": GPU_VALUE },
  define(command) {
    command
      .argument("[command...]", "what to run: words as they are, or one string for the shell")
      .usage('[options] COMMAND… | "COMMAND"')
      .passThroughOptions();
    defineRunOptions(command);
    command.addHelpText(
      "after",
      `
{KEY} in COMMAND is replaced by the value of that key of the config. It exits with the command's own code,
124 after --timeout, 125 when datmo itself failed.

Other words: run ls, show, logs, wait, diff, metrics, update. \`datmo run -- ls\` runs the program ls.`,
    );
  },
  async run(call) {
    const options = call.options<RunOptions>();
    if (options.interactive && call.host.variables["DATMO_ENGINE"]) throw noTerminal();
    const directory = await workingDirectory(call);
    if (options.queue) return queue(call, options, directory);
    const params = {
      ...runParams(options, call.args, call.host.directory),
      ...(directory === undefined ? {} : { directory }),
    };
    return options.detach ? detach(call, params) : follow(call, params);
  },
};

/** An engine that is another process talks over its standard streams: a command would read its messages. */
function noTerminal(): Error {
  const summary = "-i needs the engine in this process, and DATMO_ENGINE names another one.";
  return errors.INVALID_PARAMS({ summary, problems: [] }, { hint: "Unset DATMO_ENGINE for this command." });
}

async function detach(call: Call, params: RunStartParams): Promise<number> {
  const originId = randomUUID();
  const endPreparation = showPreparation(call, await call.engine(), originId);
  const result = await withSecrets(call, (typed) =>
    call.request("run.start", { ...params, ...typed, originId }, { progress: true }),
  ).finally(endPreparation);
  await call.answer(result, () => result.run.id);
  const id = shortId(result.run.id);
  if (!call.json)
    await call.note(`${plain(result.run.name)} runs by itself. Follow it: datmo run logs -f ${id}`);
  return EXIT.ok;
}

async function queue(call: Call, options: RunOptions, directory: string | undefined): Promise<number> {
  const params = {
    ...queueParams(options, call.args, call.host.directory),
    ...(directory === undefined ? {} : { directory }),
  };
  const result = await call.request("queue.add", params, { progress: true });
  await call.answer(result, () => result.run.id);
  if (!call.json)
    await call.note(`${plain(result.run.name)} waits in the queue. \`datmo worker\` runs what waits there.`);
  return EXIT.ok;
}

async function follow(call: Call, params: RunStartParams): Promise<number> {
  const terminal = call.stdout.isTerminal && call.host.stdin.isTTY === true;
  const followed = await followRun(call, {
    ownsTerminal: params.interactive === true && terminal,
    async start(originId, signal) {
      const { run } = await withSecrets(call, (typed) =>
        call.request("run.start", { ...params, ...typed, originId }, { signal, progress: true }),
      );
      return run;
    },
  });
  const code = exitCodeOfRun(followed.run, followed.interruptedBy);
  if (call.json) await call.answer({ run: followed.run }, () => "");
  if (followed.midLine) await call.note("");
  await call.note(runSummary(followed.run, call.noteStyle));
  await advise(call, params, code, followed.run.error);
  return code;
}

/** What a person would want to know about an end that is not the command's own doing. */
async function advise(
  call: Call,
  { command }: RunStartParams,
  code: number,
  error: { readonly message: string } | undefined,
): Promise<void> {
  if (error !== undefined) await call.note(`${call.noteStyle.red("error:")} ${plain(error.message)}`);
  if (code !== EXIT.notFound) return;
  await call.note(
    `${call.noteStyle.cyan("hint:")} exit code 127 means that a program was not found; check the spelling of \`${commandText(command)}\` and PATH.`,
  );
}
