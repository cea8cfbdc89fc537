import { Call } from "./call.ts";
import type { CommandModule } from "./command-module.ts";
import { rootCommand } from "./commands.ts";
import { reportFailure } from "./failure.ts";
import type { Host } from "./host.ts";
import { Output } from "./output.ts";
import { type Resolved, resolveCommand } from "./resolve-command.ts";
import { styleFor } from "./style.ts";

/** Carries out one command line. Resolves with the exit code; everything written, the engine closed. */
export async function runCli(argv: readonly string[], host: Host): Promise<number> {
  const words = canonical(argv);
  const known = resolveCommand(rootCommand, words);
  const resolved = known.path.length > 1 ? known : await verbsBehind(known, host);
  // What was parsed knows better than the words: a value of an option may look like the command.
  const wanted = { json: wantsJson(resolved) };
  try {
    return await carryOut(resolved, host, wanted);
  } catch (error) {
    return report(error, host, { ...wanted, exitsLikeCommand: resolved.node.exitsLikeCommand === true });
  }
}

/** Only where no command of datmo's own was named. */
async function verbsBehind(resolved: Resolved, host: Host): Promise<Resolved> {
  return (await import("./plugin-verbs.ts")).withVerbs(resolved, host);
}

/** Tells of an error that nobody caught. Resolves with the exit code. */
export function reportCrash(error: unknown, host: Host): Promise<number> {
  return report(error, host, { json: false, exitsLikeCommand: false });
}

function report(
  error: unknown,
  host: Host,
  how: { readonly json: boolean; readonly exitsLikeCommand: boolean },
): Promise<number> {
  const stderr = new Output(host.stderr);
  return reportFailure(error, {
    ...how,
    debug: host.variables["DATMO_LOG"] === "debug",
    stdout: new Output(host.stdout),
    stderr,
    style: styleFor(stderr.isTerminal, host.variables),
  });
}

async function carryOut(resolved: Resolved, host: Host, wanted: { json: boolean }): Promise<number> {
  const { path, node, rest } = resolved;
  const stdout = new Output(host.stdout);
  const [parser, module] = await Promise.all([import("./parser.ts"), node.load?.()]);
  const command = module
    ? parser.commandParser(path, module, stdout.columns)
    : parser.groupParser(path, stdout.columns);
  const parsed = parser.parse(command, rest, module ?? {}, resolved.verbs);
  if (parsed.kind === "help") return help(stdout, parsed.text);
  wanted.json = parsed.options["json"] === true;
  return perform(module as CommandModule, host, parsed);
}

async function perform(
  module: CommandModule,
  host: Host,
  { args, options }: { args: readonly string[]; options: Readonly<Record<string, unknown>> },
): Promise<number> {
  const { project } = options;
  const call = new Call({
    root: rootCommand,
    host,
    args,
    options,
    json: options["json"] === true,
    ...(module.wants ? { wants: module.wants } : {}),
    ...(typeof project === "string" ? { project } : {}),
  });
  try {
    return await module.run(call);
  } finally {
    await call.close();
  }
}

async function help(stdout: Output, text: string): Promise<number> {
  await stdout.write(text);
  return 0;
}

/** `datmo help run ls` is `datmo run ls --help`; `datmo -v` is `datmo version`. */
function canonical(argv: readonly string[]): readonly string[] {
  const [first, ...others] = argv;
  if (first === "help") return [...others, "--help"];
  if (first === "-v" || first === "--version") return ["version", ...others];
  return argv;
}

/** Whether the answer is to be JSON although the words could not be parsed. */
function wantsJson({ node, rest }: Resolved): boolean {
  const command = node.exitsLikeCommand
    ? rest.findIndex((word) => !word.startsWith("-"))
    : rest.indexOf("--");
  return rest.slice(0, command < 0 ? rest.length : command).includes("--json");
}
