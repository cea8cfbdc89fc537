import { type Command, Option } from "commander";
import { collect, countOption } from "./values.ts";

export interface ListOptions {
  readonly format?: "table" | "csv" | "json";
  readonly limit?: number;
  readonly all?: boolean;
  readonly output?: string;
  readonly columns?: readonly string[];
  readonly download?: boolean;
  readonly downloadPath?: string;
}

/** Options that every list takes. */
export function defineListOptions(command: Command, all: string): void {
  command
    .addOption(new Option("--format <format>", "how to print it").choices(["table", "csv", "json"]))
    .option("--columns <names>", "columns to show, comma-separated", (text, earlier: string[] | undefined) =>
      text.split(",").reduce((names, name) => collect(name.trim(), names), earlier ?? []),
    )
    .option("--limit <n>", "at most this many (30 when not given)", countOption)
    .option("--all", all)
    .option("--output <file>", "write it to a file")
    .addOption(new Option("--download").hideHelp())
    .addOption(new Option("--download-path <file>").hideHelp());
}
