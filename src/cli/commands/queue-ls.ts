import type { QueuedRun } from "../../protocol/types.ts";
import type { CommandModule } from "../command-module.ts";
import type { ColumnSet } from "../list/column.ts";
import { showList } from "../list/show-list.ts";
import { defineListOptions, type ListOptions } from "../options/list-options.ts";
import { commandText, pairsText, shortId } from "../render/text.ts";
import { shortTimeText, timeText } from "../render/times.ts";

/** Rows when nothing else is asked for, as in other lists. */
const SHOWN = 30;

export const queueLs: CommandModule = {
  define(command) {
    defineListOptions(command, "every run, however many wait");
  },
  async run(call) {
    const options = call.options<ListOptions>();
    // One answer holds the whole queue.
    const { items } = await call.request("queue.list", {});
    const shown = items.slice(0, options.all ? undefined : (options.limit ?? SHOWN));
    await showList(call, options, {
      page: { items: shown },
      columns: columns(call.stdout.isTerminal),
      empty: "Nothing waits in the queue. Put something in: datmo run --queue COMMAND",
      noun: "queue",
    });
    if (shown.length < items.length && !call.json)
      await call.note(`The first ${shown.length} of ${items.length}; --all shows every one.`);
    return 0;
  },
};

function columns(isTerminal: boolean): ColumnSet<QueuedRun> {
  return {
    known: [
      { key: "id", title: "ID", rigid: true, value: ({ run }) => run.id, text: ({ run }) => shortId(run.id) },
      { key: "name", title: "NAME", value: ({ run }) => run.name },
      { key: "command", title: "COMMAND", value: ({ run }) => commandText(run.command) },
      {
        key: "config",
        title: "CONFIG",
        value: ({ run }) => run.config,
        text: ({ run }) => pairsText(run.config),
      },
      { key: "gpu", title: "GPU", value: ({ gpu }) => gpu },
      {
        key: "sweepId",
        title: "SWEEP",
        rigid: true,
        value: ({ sweepId }) => sweepId,
        text: ({ sweepId }) => shortId(sweepId ?? ""),
      },
      {
        key: "state",
        title: "STATE",
        rigid: true,
        value: ({ held }) => (held ? "taken" : "waits"),
      },
      {
        key: "queued",
        title: "QUEUED",
        rigid: true,
        value: ({ run }) => run.createdAt,
        text: ({ run }, now) => (isTerminal ? shortTimeText(run.createdAt, now) : timeText(run.createdAt)),
      },
    ],
    shown: ["id", "name", "command", "config", "gpu", "sweepId", "state", "queued"],
  };
}
