import type { Plugin } from "../../protocol/types.ts";
import type { CommandModule } from "../command-module.ts";
import type { ColumnSet } from "../list/column.ts";
import { showList } from "../list/show-list.ts";
import { defineListOptions, type ListOptions } from "../options/list-options.ts";
import { providesText } from "../render/plugin-text.ts";

export const pluginLs: CommandModule = {
  define(command) {
    defineListOptions(command, "every one, however many there are");
  },
  async run(call) {
    const options = call.options<ListOptions>();
    const page = await call.request("plugin.list", {});
    await showList(call, options, {
      page,
      columns: COLUMNS,
      empty: "No plugins.",
      noun: "plugin",
      paint: (cell, { state }, key) =>
        key === "state" ? (state === "ready" ? call.style.green(cell) : call.style.yellow(cell)) : cell,
    });
    return 0;
  },
};

const COLUMNS: ColumnSet<Plugin> = {
  known: [
    { key: "name", title: "NAME", rigid: true, value: (it) => it.name },
    { key: "version", title: "VERSION", value: (it) => it.version },
    { key: "state", title: "STATE", rigid: true, value: (it) => it.state },
    {
      key: "provides",
      title: "PROVIDES",
      value: (it) => it.provides.map(providesText),
      text: (it) => it.provides.map(providesText).join("; "),
    },
    { key: "problem", title: "PROBLEM", value: (it) => it.problem },
    { key: "description", title: "DESCRIPTION", value: (it) => it.description },
    { key: "hash", title: "CONTENT", value: (it) => it.hash },
    { key: "installed", title: "INSTALLED", value: (it) => it.installedAt },
    { key: "source", title: "FROM", value: (it) => it.source },
  ],
  shown: ["name", "version", "state", "provides", "problem", "source"],
};
