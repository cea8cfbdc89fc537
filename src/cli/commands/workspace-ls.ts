import type { Workspace } from "../../protocol/types.ts";
import type { CommandModule } from "../command-module.ts";
import type { ColumnSet } from "../list/column.ts";
import { showList } from "../list/show-list.ts";
import { defineListOptions, type ListOptions } from "../options/list-options.ts";
import { shortId } from "../render/text.ts";
import { shortTimeText, timeText } from "../render/times.ts";

export const workspaceLs: CommandModule = {
  define(command) {
    defineListOptions(command, "every one, however many there are");
  },
  async run(call) {
    const options = call.options<ListOptions>();
    await showList(call, options, {
      page: await call.request("workspace.list", {}),
      columns: columns(call.stdout.isTerminal),
      empty: "No workspace runs. Start one: datmo jupyterlab",
      noun: "workspace",
    });
    return 0;
  },
};

function columns(isTerminal: boolean): ColumnSet<Workspace> {
  return {
    known: [
      { key: "id", title: "ID", rigid: true, value: (it) => it.runId, text: (it) => shortId(it.runId) },
      { key: "name", title: "NAME", value: (it) => it.name },
      { key: "kind", title: "KIND", rigid: true, value: (it) => it.kind },
      { key: "status", title: "STATUS", rigid: true, value: (it) => it.status },
      { key: "environment", title: "ENVIRONMENT", value: (it) => it.environment },
      {
        key: "started",
        title: "STARTED",
        rigid: true,
        value: (it) => it.startedAt,
        text: ({ startedAt }, now) =>
          startedAt === undefined ? "" : isTerminal ? shortTimeText(startedAt, now) : timeText(startedAt),
      },
      { key: "url", title: "URL", rigid: true, value: (it) => it.url },
      { key: "port", title: "PORT", value: (it) => it.port },
      { key: "user", title: "USER", value: (it) => it.user },
      { key: "password", title: "PASSWORD", value: (it) => it.password },
    ],
    shown: ["id", "name", "kind", "status", "environment", "started", "url"],
  };
}
