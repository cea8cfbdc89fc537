import type { Run } from "../../protocol/types.ts";
import type { Call } from "../call.ts";
import type { CommandModule } from "../command-module.ts";
import { EXIT } from "../exit-codes.ts";
import { countOption, durationOption, wordsOption } from "../options/values.ts";
import { runSummary } from "../render/run-summary.ts";
import { commandText, count, plain, shortId } from "../render/text.ts";
import { workQueue } from "../running/work-queue.ts";

interface Options {
  readonly jobs?: number;
  readonly gpus?: readonly string[];
  readonly once?: boolean;
  readonly drain?: boolean;
  readonly idle?: number;
}

export const worker: CommandModule = {
  define(command) {
    command
      .option("-j, --jobs <n>", "runs at once (1 when not given)", countOption)
      .option(
        "--gpus <ids>",
        "GPUs that runs may be given: 0,1 (all of this machine when not given)",
        wordsOption,
      )
      .option("--drain", "leave when nothing is left that it can run")
      .option("--once", "leave after one run")
      .option("--idle <time>", "leave when there was nothing to do for so long: 90s, 2h", durationOption)
      .addHelpText(
        "after",
        `
Runs wait in the order in which they were queued. One that asks for GPUs is given free ones by CUDA_VISIBLE_DEVICES;
while it waits for them, those that need none go ahead. Any number of workers may work on one project.

Ctrl-C: finishes what runs and takes no more. A second Ctrl-C stops what runs. What a worker that was killed had
not started waits again; what runs goes on. Under --json it prints the result of queue.claim when a run starts, and
that of run.wait when it has ended.`,
      );
  },
  async run(call) {
    const { jobs = 1, gpus, once, drain, idle } = call.options<Options>();
    const leaves = once || drain || idle !== undefined;
    if (!call.json && !leaves)
      await call.note(`Working on the queue, ${count(jobs, "run")} at once. Ctrl-C ends it.`);
    const { last } = await workQueue(call, {
      slots: jobs,
      claim: gpus === undefined ? {} : { gpus },
      ...(once ? { once } : {}),
      ...(drain ? { drain } : {}),
      ...(idle === undefined ? {} : { idleMs: idle }),
      started: (claim) => call.answer(claim, () => startedText(call, claim.run, claim.gpus)),
      ended: (run) => ended(call, run),
    });
    if (last && last.unfit > 0) await call.note(unfitText(last.unfit));
    return EXIT.ok;
  },
};

/** For those who wonder why runs are left. */
export function unfitText(unfit: number): string {
  const waits = unfit === 1 ? "run waits" : "runs wait";
  return `${unfit} queued ${waits} for GPUs that this worker does not have.`;
}

function startedText(call: Call, run: Run, gpus: readonly string[] | undefined): string {
  const given = gpus ? ` on GPU ${gpus.map(plain).join(", ")}` : "";
  return `run ${call.style.bold(shortId(run.id))} ${plain(run.name)}: started${given}: ${commandText(run.command)}`;
}

async function ended(call: Call, run: Run): Promise<void> {
  await call.answer({ run }, () => runSummary(run, call.style));
  if (run.error) await call.note(`${call.noteStyle.red("error:")} ${plain(run.error.message)}`);
}
