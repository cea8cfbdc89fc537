import { errors } from "../../protocol/errors.ts";
import type { StorePurgeResult } from "../../protocol/types.ts";
import { abortOnSignal } from "../abort-on-signal.ts";
import type { Call } from "../call.ts";
import type { CommandModule } from "../command-module.ts";
import { EXIT } from "../exit-codes.ts";
import { canAsk, openPrompter } from "../prompt.ts";
import { count, plain, shortId } from "../render/text.ts";

interface Options {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

const SHOWN = 20;

export const purge: CommandModule = {
  define(command) {
    command
      .argument("<path-or-snapshot...>", "paths (*, ** and ? may be used), or ids or labels of snapshots")
      .option("--dry-run", "only say what would go")
      .option("-y, --yes", "do not ask");
  },
  async run(call) {
    const { dryRun, yes } = call.options<Options>();
    if (!dryRun && !yes && call.json) {
      throw errors.INVALID_PARAMS({ summary: "purge --json asks nothing, so it needs --yes.", problems: [] });
    }
    const interrupt = abortOnSignal(call.host);
    const request = (dry: boolean): Promise<StorePurgeResult> =>
      call.request(
        "store.purge",
        { targets: call.args, ...(dry ? { dryRun: true } : {}) },
        { signal: interrupt.signal, progress: true },
      );
    try {
      if (dryRun || !yes) {
        const plan = await request(true);
        if (dryRun) {
          await call.answer(plan, () => planText(plan));
          return EXIT.ok;
        }
        await call.note(planText(plan));
        if (!(await confirmed(call))) {
          const hint = canAsk(call) ? "" : " Add --yes to remove without being asked.";
          await call.note(`Nothing was removed.${hint}`);
          return EXIT.refused;
        }
      }
      const result = await request(false);
      await call.answer(result, () => doneText(result));
      await warn(call, result);
      return EXIT.ok;
    } finally {
      interrupt.end();
    }
  },
};

async function confirmed(call: Call): Promise<boolean> {
  if (!canAsk(call)) return false;
  const prompter = openPrompter(call);
  try {
    return await prompter.yes("Remove this for good?");
  } finally {
    prompter.close();
  }
}

function planText({ paths, snapshots, removedSnapshots }: StorePurgeResult): string {
  const lines = paths.slice(0, SHOWN).map((path) => `  ${plain(path)}`);
  if (paths.length > SHOWN) lines.push(`  … and ${paths.length - SHOWN} more`);
  const rewritten = `${count(snapshots.length, "snapshot")} would be written anew without it.`;
  const removed = removedSnapshots.length === 0 ? [] : [`${ids(removedSnapshots)} would be removed.`];
  return [
    "The content of these files would go for good, wherever it is recorded:",
    ...lines,
    rewritten,
    ...removed,
  ].join("\n");
}

function doneText({ paths, snapshots, removedSnapshots }: StorePurgeResult): string {
  const removed = removedSnapshots.length === 0 ? "" : `, ${ids(removedSnapshots)} removed`;
  return `Removed for good: ${count(paths.length, "file")}; ${count(snapshots.length, "snapshot")} written anew${removed}.`;
}

function ids(snapshots: readonly string[]): string {
  return `${snapshots.length === 1 ? "snapshot" : "snapshots"} ${snapshots.map(shortId).join(" ")}`;
}

async function warn(call: Call, { stillThere, taskFiles }: StorePurgeResult): Promise<void> {
  if (call.json) return;
  if (stillThere.length > 0) {
    const list = stillThere.slice(0, SHOWN).map(plain).join(", ");
    await call.note(`Still in the project's folder, and in the next snapshot: ${list}`);
    await call.note(`hint: add ${stillThere.length === 1 ? "it" : "them"} to .datmoignore`);
  }
  for (const { runId, path } of taskFiles.slice(0, SHOWN)) {
    await call.note(`Still in the folder of run ${shortId(runId)}: .datmo/tasks/${runId}/${plain(path)}`);
  }
}
