import type { Environment } from "../../protocol/types.ts";
import type { CommandModule } from "../command-module.ts";
import type { ColumnSet } from "../list/column.ts";
import { fetchPages } from "../list/fetch-pages.ts";
import { showList } from "../list/show-list.ts";
import { defineListOptions, type ListOptions } from "../options/list-options.ts";
import { buildText } from "../render/environment-line.ts";
import { shortId } from "../render/text.ts";
import { shortTimeText, timeText } from "../render/times.ts";

export const environmentLs: CommandModule = {
  define(command) {
    defineListOptions(command, "every one, however many there are");
  },
  async run(call) {
    const options = call.options<ListOptions>();
    const page = await fetchPages<Environment>(options, (position) =>
      call.request("environment.list", position),
    );
    await showList(call, options, {
      page,
      columns: columns(call.stdout.isTerminal),
      empty: "No environments yet. Make one: datmo environment setup",
      noun: "environment",
      paint: (cell, { active }, key) =>
        active && (key === "id" || key === "active") ? call.style.green(cell) : cell,
    });
    return 0;
  },
};

function columns(isTerminal: boolean): ColumnSet<Environment> {
  return {
    known: [
      { key: "id", title: "ID", rigid: true, value: (it) => it.id, text: (it) => shortId(it.id) },
      {
        key: "active",
        title: "",
        rigid: true,
        value: (it) => it.active,
        text: (it) => (it.active ? "(active)" : ""),
      },
      { key: "name", title: "NAME", value: (it) => it.name },
      { key: "kind", title: "KIND", rigid: true, value: (it) => it.kind },
      {
        key: "created",
        title: "CREATED",
        rigid: true,
        value: (it) => it.createdAt,
        text: ({ createdAt }, now) => (isTerminal ? shortTimeText(createdAt, now) : timeText(createdAt)),
      },
      {
        key: "build",
        title: "BUILD",
        value: (it) => it.build?.imageId ?? it.build?.venvKey,
        text: (it) => (it.build ? buildText(it.build) : ""),
      },
      { key: "description", title: "DESCRIPTION", value: (it) => it.description },
      { key: "from", title: "FROM", rare: true, value: (it) => it.from },
      { key: "image", title: "IMAGE", value: (it) => it.image },
      { key: "files", title: "FILES", value: (it) => it.files.map(({ path }) => path) },
    ],
    shown: ["id", "active", "name", "kind", "created", "build", "description", "from"],
  };
}
