import type { Task } from "../../protocol/types.ts";
import type { CommandModule } from "../command-module.ts";
import type { ColumnSet } from "../list/column.ts";
import { fetchPages } from "../list/fetch-pages.ts";
import { showList } from "../list/show-list.ts";
import { defineListOptions, type ListOptions } from "../options/list-options.ts";
import { commandText, shortId } from "../render/text.ts";
import { durationText, shortTimeText, timeText } from "../render/times.ts";

export const taskLs: CommandModule = {
  define(command) {
    defineListOptions(command, "every task, however many there are");
  },
  async run(call) {
    const options = call.options<ListOptions>();
    const page = await fetchPages<Task>(options, (position) => call.request("task.list", position));
    const columns = taskColumns(call.stdout.isTerminal);
    await showList(call, options, {
      page,
      columns,
      empty: "No tasks yet: a run makes its own.",
      noun: "task",
    });
    return 0;
  },
};

function taskColumns(isTerminal: boolean): ColumnSet<Task> {
  return {
    known: [
      { key: "id", title: "ID", rigid: true, value: (task) => task.id, text: (task) => shortId(task.id) },
      { key: "command", title: "COMMAND", value: (task) => commandText(task.command) },
      { key: "directory", title: "DIRECTORY", value: (task) => task.directory },
      { key: "driver", title: "DRIVER", value: (task) => task.driver },
      {
        key: "timeoutMs",
        title: "TIMEOUT",
        align: "right",
        value: (task) => task.timeoutMs,
        text: (task) => (task.timeoutMs === undefined ? "" : durationText(task.timeoutMs)),
      },
      { key: "runs", title: "RUNS", align: "right", rigid: true, value: (task) => task.runs },
      {
        key: "created",
        title: "CREATED",
        rigid: true,
        value: (task) => task.createdAt,
        text: ({ createdAt }, now) => (isTerminal ? shortTimeText(createdAt, now) : timeText(createdAt)),
      },
    ],
    shown: ["id", "command", "directory", "driver", "timeoutMs", "runs", "created"],
  };
}
