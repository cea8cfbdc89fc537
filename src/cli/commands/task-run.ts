import type { CommandModule } from "../command-module.ts";
import { EXIT, exitCodeOfRun } from "../exit-codes.ts";
import { configOf } from "../options/assignments.ts";
import { collect, durationOption, parserOption } from "../options/values.ts";
import { runSummary } from "../render/run-summary.ts";
import { plain, shortId } from "../render/text.ts";
import { withSecrets } from "../running/ask-secrets.ts";
import { followRun } from "../running/follow-run.ts";

interface Options {
  readonly snapshot?: string;
  readonly config?: readonly string[];
  readonly name?: string;
  readonly tag?: readonly string[];
  readonly group?: string;
  readonly note?: string;
  readonly timeout?: number;
  readonly parser?: string;
  readonly trust?: boolean;
  readonly detach?: boolean;
}

export const taskRun: CommandModule = {
  define(command) {
    command
      .argument("<task>", "id or unique beginning of it")
      .option("--snapshot <snapshot>", "run on this state (the folder as it is when not given)")
      .option("-c, --config <key=value>", "a value of the run's config (repeatable)", collect)
      .option("--name <name>", "name of the run")
      .option("--tag <tag>", "a tag (repeatable)", collect)
      .option("--group <group>", "group of runs it belongs to")
      .option("--note <text>", "free text")
      .option("--timeout <time>", "stop the command after this time: 90s, 2h", durationOption)
      .addOption(parserOption())
      .option("-d, --detach", "let it run on by itself; prints its id")
      .option("--trust", "run a command that came from elsewhere");
  },
  async run(call) {
    const options = call.options<Options>();
    const params = { id: call.args[0] ?? "", ...taskParams(options) };
    if (options.detach) {
      const result = await withSecrets(call, (typed) =>
        call.request("task.run", { ...params, ...typed, detached: true }, { progress: true }),
      );
      await call.answer(result, () => result.run.id);
      const id = shortId(result.run.id);
      if (!call.json)
        await call.note(`${plain(result.run.name)} runs by itself. Follow it: datmo run logs -f ${id}`);
      return EXIT.ok;
    }
    const { run, interruptedBy, midLine } = await followRun(call, {
      async start(originId, signal) {
        const start = { ...params, originId };
        return withSecrets(
          call,
          async (typed) =>
            (await call.request("task.run", { ...start, ...typed }, { signal, progress: true })).run,
        );
      },
    });
    if (call.json) await call.answer({ run }, () => "");
    if (midLine) await call.note("");
    await call.note(runSummary(run, call.noteStyle));
    if (run.error) await call.note(`${call.noteStyle.red("error:")} ${plain(run.error.message)}`);
    return exitCodeOfRun(run, interruptedBy);
  },
};

function taskParams({ snapshot, config, name, tag, group, note, timeout, trust, parser }: Options): object {
  const values = configOf(config);
  return {
    ...(snapshot === undefined ? {} : { snapshotId: snapshot }),
    ...(values === undefined ? {} : { config: values }),
    ...(name === undefined ? {} : { name }),
    ...(tag === undefined ? {} : { tags: tag }),
    ...(group === undefined ? {} : { group }),
    ...(note === undefined ? {} : { note }),
    ...(timeout === undefined ? {} : { timeoutMs: timeout }),
    ...(parser === undefined ? {} : { parser }),
    ...(trust ? { trust } : {}),
  };
}
