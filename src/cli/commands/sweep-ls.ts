import type { SweepOverview } from "../../protocol/types.ts";
import type { CommandModule } from "../command-module.ts";
import type { ColumnSet } from "../list/column.ts";
import { fetchPages } from "../list/fetch-pages.ts";
import { showList } from "../list/show-list.ts";
import { defineListOptions, type ListOptions } from "../options/list-options.ts";
import { commandText, shortId } from "../render/text.ts";
import { shortTimeText, timeText } from "../render/times.ts";

export const sweepLs: CommandModule = {
  define(command) {
    defineListOptions(command, "every sweep, however many there are");
  },
  async run(call) {
    const options = call.options<ListOptions>();
    const page = await fetchPages<SweepOverview>(options, (position) => call.request("sweep.list", position));
    await showList(call, options, {
      page,
      columns: columns(call.stdout.isTerminal),
      empty: "No sweeps yet. Start one: datmo sweep --grid lr=0.1,0.01 -- COMMAND",
      noun: "sweep",
    });
    return 0;
  },
};

function columns(isTerminal: boolean): ColumnSet<SweepOverview> {
  return {
    known: [
      {
        key: "id",
        title: "ID",
        rigid: true,
        value: ({ sweep }) => sweep.id,
        text: ({ sweep }) => shortId(sweep.id),
      },
      { key: "name", title: "NAME", value: ({ sweep }) => sweep.name },
      { key: "command", title: "COMMAND", value: ({ sweep }) => commandText(sweep.command) },
      { key: "keys", title: "KEYS", value: ({ sweep }) => keysOf(sweep.spec).join(" ") },
      {
        key: "runs",
        title: "RUNS",
        align: "right",
        rigid: true,
        value: ({ sweep }) => sweep.total,
      },
      {
        key: "counts",
        title: "STATUS",
        value: ({ counts }) => counts,
        text: ({ counts }) =>
          Object.entries(counts)
            .map(([status, number]) => `${number} ${status}`)
            .join(", "),
      },
      { key: "group", title: "GROUP", value: ({ sweep }) => sweep.group },
      {
        key: "created",
        title: "CREATED",
        rigid: true,
        value: ({ sweep }) => sweep.createdAt,
        text: ({ sweep }, now) =>
          isTerminal ? shortTimeText(sweep.createdAt, now) : timeText(sweep.createdAt),
      },
    ],
    shown: ["id", "name", "command", "keys", "runs", "counts", "created"],
  };
}

function keysOf({ grid = [], random }: SweepOverview["sweep"]["spec"]): string[] {
  return [...grid, ...(random?.parameters ?? [])].map(({ name }) => name);
}
