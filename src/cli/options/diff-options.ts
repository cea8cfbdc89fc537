import { resolve } from "node:path";
import { type Command, Option } from "commander";
import type { StateDiff } from "../../protocol/types.ts";
import type { Call } from "../call.ts";
import { diffText } from "../render/diff.ts";
import { plain } from "../render/text.ts";
import { naturalOption } from "./values.ts";

interface DiffOptions {
  readonly stat?: boolean;
  readonly nameStatus?: boolean;
  readonly nameOnly?: boolean;
  readonly context?: number;
}

/** What the methods that compare take besides the two sides. */
export interface DiffParams {
  text?: "stat" | "full";
  context?: number;
  paths?: string[];
}

export function defineDiffOptions(command: Command): void {
  command
    .option("-U, --context <lines>", "lines shown around those that differ (3)", naturalOption)
    .addOption(new Option("--stat", "only how many lines differ in each file"))
    .addOption(new Option("--name-status", "only which files differ, and how").conflicts("stat"))
    .addOption(
      new Option("--name-only", "only the paths of source files that differ, one a line").conflicts([
        "stat",
        "nameStatus",
      ]),
    );
}

export function diffParams(call: Call, paths: readonly string[]): DiffParams {
  const { stat, nameStatus, nameOnly, context } = call.options<DiffOptions>();
  return {
    ...(nameStatus || nameOnly ? {} : { text: stat ? "stat" : "full" }),
    ...(context === undefined ? {} : { context }),
    ...(paths.length === 0 ? {} : { paths: paths.map((path) => resolve(call.host.directory, path)) }),
  };
}

/** Says what differs between two sides that are told in one line each. */
export async function answerDiff(
  call: Call,
  result: { readonly diff: StateDiff },
  sides: readonly [a: string, b: string],
  onlyFiles: boolean,
): Promise<void> {
  const { stat, nameStatus, nameOnly } = call.options<DiffOptions>();
  await call.answer(result, () => {
    const { style, stdout } = call;
    if (nameOnly) return result.diff.code.map(({ path }) => pathText(call, path)).join("\n");
    const form = stat ? "stat" : nameStatus ? "names" : "lines";
    const text = diffText(result.diff, { style, columns: stdout.columns, form, onlyFiles });
    const head = `a  ${sides[0]}\nb  ${sides[1]}\n`;
    return `${style.dim(head)}\n${text === "" ? "Nothing differs." : text}`;
  });
}

/** For another program a path is what it is; a terminal must not be steered by it. */
function pathText({ stdout }: Call, path: string): string {
  return stdout.isTerminal ? plain(path) : path;
}
