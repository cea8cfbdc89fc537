import type { Argument, Option } from "commander";
import type { CommandModule } from "./command-module.ts";
import type { CommandNode } from "./commands.ts";
import { commandParser, groupParser } from "./parser.ts";

export interface CommandDescription {
  /** From `datmo` on. */
  readonly words: readonly string[];
  readonly summary: string;
  readonly usage: string;
  readonly arguments: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly OptionDescription[];
  readonly children: readonly { readonly name: string; readonly summary: string }[];
  readonly methods: NonNullable<CommandNode["methods"]>;
}

export interface OptionDescription {
  /** As in the help: `-c, --config <key=value>`. */
  readonly flags: string;
  /** `-c` and `--config`. */
  readonly names: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
  /** Of every command. */
  readonly global: boolean;
}

/** Every command with all it takes: for completion scripts and the reference. Loads every command. */
export function describeCommands(root: CommandNode): Promise<CommandDescription[]> {
  return describe([root]);
}

async function describe(path: readonly CommandNode[]): Promise<CommandDescription[]> {
  const node = path.at(-1) as CommandNode;
  const module: CommandModule | undefined = await node.load?.();
  const command = module ? commandParser(path, module) : groupParser(path);
  const help = command.createHelp();
  const own: CommandDescription = {
    words: path.map(({ name }) => name),
    summary: node.summary,
    usage: command.usage(),
    arguments: command.registeredArguments.map((argument) => describeArgument(argument)),
    options: help.visibleOptions(command).map(describeOption),
    children: (node.children ?? []).map(({ name, summary }) => ({ name, summary })),
    methods: node.methods ?? [],
  };
  const below = await Promise.all((node.children ?? []).map((child) => describe([...path, child])));
  return [own, ...below.flat()];
}

function describeArgument(argument: Argument): CommandDescription["arguments"][number] {
  const name = `${argument.name()}${argument.variadic ? "…" : ""}`;
  return { name: argument.required ? name : `[${name}]`, description: argument.description };
}

function describeOption(option: Option): OptionDescription {
  const names = [option.short, option.long].filter((name) => name !== undefined && name !== null);
  return {
    flags: option.flags,
    names,
    description: option.description,
    takesValue: option.required || option.optional,
    choices: option.argChoices ?? [],
    global: option.helpGroupHeading !== undefined,
  };
}
