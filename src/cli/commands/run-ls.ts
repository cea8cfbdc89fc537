import { InvalidArgumentError } from "commander";
import type { Run } from "../../protocol/types.ts";
import type { CommandModule } from "../command-module.ts";
import { fetchPages } from "../list/fetch-pages.ts";
import { paintStatus, runColumns } from "../list/run-columns.ts";
import { showList } from "../list/show-list.ts";
import { defineListOptions, type ListOptions } from "../options/list-options.ts";
import { collect } from "../options/values.ts";

interface Options extends ListOptions {
  readonly status?: readonly string[];
  readonly tag?: readonly string[];
  readonly filter?: string;
  readonly sort?: string;
  readonly deleted?: boolean;
}

const STATUSES = [
  "queued",
  "preparing",
  "running",
  "succeeded",
  "failed",
  "stopped",
  "lost",
] as const satisfies Run["status"][];

export const runLs: CommandModule = {
  define(command) {
    command
      .option("--filter <text>", 'only runs that fit: "metrics.accuracy > 0.9 and tag = best"')
      .option(
        "--status <status>",
        `only runs of this status (repeatable): ${STATUSES.join(", ")}`,
        collectStatus,
      )
      .option("--tag <tag>", "only runs with this tag (repeatable)", collect)
      .option("--sort <keys>", "such as -metrics.accuracy or status,-created; - is descending")
      .option("--deleted", "deleted runs instead");
    defineListOptions(command, "every run, however many there are");
  },
  async run(call) {
    const options = call.options<Options>();
    const { filter, sort, status, tag, deleted } = options;
    const page = await fetchPages<Run>(options, (position) =>
      call.request("run.list", {
        ...position,
        ...(filter === undefined ? {} : { filter }),
        ...(sort === undefined ? {} : { sort }),
        ...(status === undefined ? {} : { status }),
        ...(tag === undefined ? {} : { tags: tag }),
        ...(deleted ? { deleted } : {}),
        ...(options.columns?.some((name) => name.startsWith("system.")) ? { system: true } : {}),
      }),
    );
    const narrowed = filter ?? status ?? tag ?? deleted;
    await showList(call, options, {
      page,
      columns: runColumns(call.stdout.isTerminal),
      empty: narrowed === undefined ? "No runs yet. Start one: datmo run COMMAND" : "No run fits.",
      noun: "run",
      paint: (cell, run, key) => (key === "status" ? paintStatus(call.style, run.status, cell) : cell),
    });
    return 0;
  },
};

function collectStatus(value: string, earlier: readonly string[] | undefined): string[] {
  if (!(STATUSES as readonly string[]).includes(value)) {
    throw new InvalidArgumentError(`Statuses are ${STATUSES.join(", ")}.`);
  }
  return collect(value, earlier);
}
