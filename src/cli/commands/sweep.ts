import { errors } from "../../protocol/errors.ts";
import type { Run, Sweep, SweepStartParams } from "../../protocol/types.ts";
import type { Call } from "../call.ts";
import type { CommandModule } from "../command-module.ts";
import { EXIT, exitCodeOfRun } from "../exit-codes.ts";
import { defineRunOptions, queueParams, type RunOptions } from "../options/run-options.ts";
import { defineSpecOptions, type SweepSpecOptions, specOf } from "../options/sweep-options.ts";
import { countOption, wordsOption } from "../options/values.ts";
import { createProgressLine } from "../render/progress.ts";
import { runSummary } from "../render/run-summary.ts";
import { count, plain, shortId } from "../render/text.ts";
import { workQueue } from "../running/work-queue.ts";
import { workingDirectory } from "../running/working-directory.ts";
import { sweepText } from "./sweep-show.ts";
import { unfitText } from "./worker.ts";

interface Options extends RunOptions, SweepSpecOptions {
  readonly jobs?: number;
  readonly gpus?: readonly string[];
  readonly metric?: string;
  readonly resume?: string;
}

/** Of `datmo run`, and without meaning for many runs in copies. */
const NOT_HERE: ReadonlySet<string | undefined> = new Set(["--detach", "--interactive", "--isolated"]);

export const sweep: CommandModule = {
  define(command) {
    command
      .argument("[command...]", "what to run: words as they are, or one string for the shell")
      .usage('[options] -- COMMAND… | "COMMAND"')
      .passThroughOptions();
    defineSpecOptions(command);
    command
      .option("-j, --jobs <n>", "runs at once (1 when not given)", countOption)
      .option(
        "--gpus <ids>",
        "GPUs that runs may be given: 0,1 (all of this machine when not given)",
        wordsOption,
      )
      .option("--metric <name>", "best first: the greatest; with - in front the least: -loss")
      .option("--resume <sweep>", "add what is missing of a sweep and go on with it");
    defineRunOptions(command);
    for (const option of command.options) if (NOT_HERE.has(option.long)) option.hideHelp();
    command.addHelpText(
      "after",
      `
Every combination is a run in a copy of the folder as it is now. Its values are in the run's config: {KEY} in COMMAND,
DATMO_CONFIG, datmo.init(). Values are JSON where they are JSON, else text.

The runs are done here, --jobs at once, or left to workers with --queue. Ctrl-C leaves the rest in the queue.
It exits with the first code of a run that is not 0.

  datmo sweep --grid lr=0.1,0.01 --grid depth=2,4 --metric acc -- python train.py
  datmo sweep --random 20 --uniform lr=1e-5:1e-1:log --int layers=1:8 --seed 1 -- python train.py --lr {lr}`,
    );
  },
  async run(call) {
    const options = call.options<Options>();
    const started = await call.request("sweep.start", await paramsOf(call, options), { progress: true });
    if (options.queue) {
      await call.answer(started, () => started.sweep.id);
      if (!call.json) await call.note(queuedText(started.sweep, started.added));
      return EXIT.ok;
    }
    if (!call.json) await call.note(startedText(started.sweep, started.added));
    return work(call, started.sweep, options);
  },
};

async function paramsOf(call: Call, options: Options): Promise<SweepStartParams> {
  if (options.detach || options.interactive) {
    const given = options.detach ? "-d" : "-i";
    const hint = "Leave it out; --queue leaves the runs to workers.";
    throw errors.INVALID_PARAMS({ summary: `${given} is not for sweeps.`, problems: [] }, { hint });
  }
  const spec = specOf(options);
  const id = options.resume === undefined ? {} : { id: options.resume };
  if (options.resume !== undefined && call.args.length === 0) return { ...id, ...(spec ? { spec } : {}) };
  if (spec === undefined && options.resume === undefined)
    throw errors.SWEEP_INVALID({ reason: "no key has values to try; add --grid KEY=VALUE,VALUE" });
  const directory = await workingDirectory(call);
  // The run itself asks for its GPUs whether or not it is left to others.
  return {
    ...id,
    ...queueParams({ ...options, queue: true }, call.args, call.host.directory),
    ...(directory === undefined ? {} : { directory }),
    ...(spec ? { spec } : {}),
  };
}

/** Executes what waits of the sweep, and waits for what others execute of it. */
async function work(call: Call, { id, total }: Sweep, options: Options): Promise<number> {
  const progress = createProgressLine(call.stderr, call.noteStyle, () => Number.MAX_SAFE_INTEGER);
  let done = 0;
  async function ended(run: Run): Promise<void> {
    done++;
    progress.end();
    await call.note(runSummary(run, call.noteStyle));
    if (run.error) await call.note(`${call.noteStyle.red("error:")} ${plain(run.error.message)}`);
    if (call.stderr.isTerminal) progress.show({ message: `${done} of ${total} runs`, done, total });
  }
  const gpus = options.gpus === undefined ? {} : { gpus: options.gpus };
  const claim = { sweepId: id, ...gpus };
  const { interruptedBy, last } = await workQueue(call, {
    slots: options.jobs ?? 1,
    claim,
    drain: true,
    started: async () => undefined,
    ended,
  }).finally(() => progress.end());
  if (interruptedBy === undefined && !last?.unfit) await waitForOthers(call, id);
  const result = await call.request("sweep.get", { id });
  await call.answer(result, () => sweepText(call, result, options.metric));
  const left = result.counts["queued"] ?? 0;
  if (last && last.unfit > 0) await call.note(unfitText(last.unfit));
  else if (left > 0)
    await call.note(`${count(left, "run")} still in the queue. Go on: datmo sweep --resume ${shortId(id)}`);
  if (interruptedBy !== undefined) return interruptedBy === "SIGINT" ? EXIT.interrupted : EXIT.terminated;
  return firstCode(result.runs.flatMap(({ run }) => (run ? [run] : [])));
}

/** Other workers may have taken some. */
async function waitForOthers(call: Call, id: string): Promise<void> {
  const { runs } = await call.request("sweep.get", { id });
  for (const { run } of runs) {
    if (run && ["queued", "preparing", "running"].includes(run.status))
      await call.request("run.wait", { id: run.id });
  }
}

function firstCode(runs: readonly Run[]): number {
  const ended = runs.filter(({ status }) => !["queued", "preparing", "running"].includes(status));
  return ended.map((run) => exitCodeOfRun(run)).find((code) => code !== 0) ?? 0;
}

function startedText({ id, name, total }: Sweep, added: number): string {
  const known = added === total ? "" : `, ${added} of them added now`;
  return `sweep ${shortId(id)} ${plain(name)}: ${count(total, "run")}${known}`;
}

function queuedText(sweep: Sweep, added: number): string {
  return `${startedText(sweep, added)}. \`datmo worker\` runs what waits; see them: datmo sweep show ${shortId(sweep.id)}`;
}
