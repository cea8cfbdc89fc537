import { Command, CommanderError, Option } from "commander";
import { errors } from "../protocol/errors.ts";
import type { CommandModule } from "./command-module.ts";
import type { CommandNode } from "./commands.ts";
import { withSettledValues } from "./optional-values.ts";

export interface GlobalOptions {
  readonly json?: boolean;
  readonly project?: string;
}

export type Parsed =
  | { readonly kind: "help"; readonly text: string }
  | {
      readonly kind: "call";
      readonly args: readonly string[];
      readonly options: GlobalOptions & Readonly<Record<string, unknown>>;
    };

/** Parser of a command that can be run. */
export function commandParser(
  path: readonly CommandNode[],
  module: CommandModule,
  columns?: number,
): Command {
  // Without an action, missing and surplus arguments would go unnoticed.
  const command = newCommand(path, columns).action(() => {});
  module.define(command);
  return withGlobals(command);
}

/** Parser of a word that only leads to others: it knows their names and summaries, for help and suggestions. */
export function groupParser(path: readonly CommandNode[], columns?: number): Command {
  const command = newCommand(path, columns).usage("[options] [command]");
  for (const child of path.at(-1)?.children ?? []) command.command(child.name).description(child.summary);
  command.helpCommand(false);
  if (path.length === 1) command.option("-v, --version", "print the version");
  return withGlobals(command);
}

/** Throws INVALID_PARAMS for words that do not fit. */
export function parse(
  command: Command,
  words: readonly string[],
  { aliases, optionalValues }: Pick<CommandModule, "aliases" | "optionalValues"> = {},
  verbs: readonly string[] = [],
): Parsed {
  const collected: string[] = [];
  command.configureOutput({
    writeOut: (text) => void collected.push(text),
    writeErr: (text) => void collected.push(text),
  });
  try {
    const known = aliases ? renamed(words, aliases) : words;
    const settled = optionalValues ? withSettledValues(command, known, optionalValues) : [...known];
    command.parse(settled, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (["commander.helpDisplayed", "commander.help"].includes(error.code))
      return { kind: "help", text: collected.join("") };
    throw usageError(error.message, command.name(), verbs);
  }
  return { kind: "call", args: command.args, options: command.opts() };
}

/** A command line that cannot be meant. */
function usageError(message: string, name: string, verbs: readonly string[]): Error {
  const [first = "", second] = message.replace(/^error: /, "").split("\n");
  const summary = `${first.charAt(0).toUpperCase()}${first.slice(1)}`.replace(/\.?$/, ".");
  const suggestion = second === undefined ? "" : `${second.replace(/^\((.*)\)$/, "$1")} `;
  return errors.INVALID_PARAMS(
    { summary, problems: [] },
    { hint: `${suggestion}\`${name} --help\` shows what it takes.${programHint(name)}${verbsHint(verbs)}` },
  );
}

/** `datmo run ls -la` was meant for another ls. */
function programHint(name: string): string {
  const program = /^datmo run (\w+)$/.exec(name)?.[1];
  return program === undefined ? "" : ` The program: \`datmo run -- ${program}\`.`;
}

function verbsHint(verbs: readonly string[]): string {
  return verbs.length === 0 ? "" : ` Plugins of this project add: ${verbs.join(", ")}.`;
}

function newCommand(path: readonly CommandNode[], columns: number | undefined): Command {
  const command = new Command(path.map(({ name }) => name).join(" "));
  command.description(sentence(path.at(-1)?.summary ?? ""));
  command.exitOverride();
  command.configureHelp({ helpWidth: Math.min(columns ?? 100, 110) });
  return command;
}

function withGlobals(command: Command): Command {
  const group = "Global options:";
  command.addOption(new Option("--json", "print the protocol's result, and nothing else").helpGroup(group));
  command.addOption(
    new Option("--project <dir>", "look for the project from here, upwards").helpGroup(group),
  );
  return command.addHelpOption(new Option("-h, --help", "show this").helpGroup(group));
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`.replace(/\.?$/, ".");
}

function renamed(words: readonly string[], aliases: Readonly<Record<string, string>>): string[] {
  const end = words.indexOf("--");
  return words.map((word, at) => {
    if (end >= 0 && at > end) return word;
    const [flag = "", ...value] = word.split("=");
    const name = Object.hasOwn(aliases, flag) ? aliases[flag] : undefined;
    return name === undefined ? word : [name, ...value].join("=");
  });
}
