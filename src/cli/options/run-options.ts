import { type Command, Option } from "commander";
import { errors } from "../../protocol/errors.ts";
import type { QueueAddParams, RunStartParams } from "../../protocol/types.ts";
import { configOf, variablesOf } from "./assignments.ts";
import { collect, durationOption } from "./values.ts";

export interface RunOptions {
  readonly name?: string;
  readonly tag?: readonly string[];
  readonly group?: string;
  readonly note?: string;
  readonly message?: string;
  readonly config?: readonly string[];
  readonly env?: readonly string[];
  readonly timeout?: number;
  /** False with `--no-parse`. */
  readonly parse: boolean;
  readonly interactive?: boolean;
  readonly detach?: boolean;
  readonly isolated?: boolean;
  readonly queue?: boolean;
  /** True without a value: all. */
  readonly gpu?: string | true;
  readonly driver?: string;
  readonly on?: string;
  readonly environment?: string;
  readonly [name: string]: unknown;
}

/** Options that need containers, which this version does not have: refused, never ignored. */
const LATER: readonly string[] = [
  "-m, --mem-limit <size>",
  "--cpus <n>",
  "-p, --port <ports>",
  "--ports <ports>",
  "--data <path>",
  "--environment-path <path>",
  "--environment-paths <path>",
  "--environment-id <id>",
];

export function defineRunOptions(command: Command): void {
  command
    .option("-c, --config <key=value>", "a value of the run's config, JSON or text (repeatable)", collect)
    .option("--name <name>", "name of the run (one is made when not given)")
    .option("--tag <tag>", "a tag (repeatable)", collect)
    .option("--group <group>", "group of runs it belongs to")
    .option("--note <text>", "free text")
    .option("--message <text>", "message of its snapshots")
    .option("--env <name=value>", "an environment variable for the command (repeatable)", collect)
    .option("--timeout <time>", "stop the command after this time: 90s, 2h", durationOption)
    .option("--no-parse", "do not take lines such as `loss: 0.3` as metrics")
    .option("-i, --interactive", "give the command the terminal or standard input")
    .option("-d, --detach", "let it run on by itself; prints its id")
    .option("--isolated", "run in a copy of the folder")
    .option("--queue", "leave it to a worker, which runs it on the state of now; prints its id")
    .option("--gpu [which]", "with --queue: GPUs to wait for: all, a number of them, or ids such as 0,2")
    .option("-e, --environment <name>", "where its packages come from: host, the machine as it is")
    .addOption(new Option("--on <driver>", "what runs it: host"))
    .addOption(new Option("--driver <driver>").hideHelp());
  for (const flags of LATER) command.addOption(new Option(flags).hideHelp());
}

/** Params of `run.start`. Throws what makes the command line one that cannot be meant. */
export function runParams(options: RunOptions, words: readonly string[]): RunStartParams {
  refuseLater(options);
  const driver = options.on ?? options.driver;
  const config = configOf(options.config);
  const { name, tag, group, note, message, timeout } = options;
  return {
    command: commandOf(words),
    ...(driver === undefined ? {} : { driver }),
    ...(timeout === undefined ? {} : { timeoutMs: timeout }),
    ...(options.env === undefined ? {} : { variables: variablesOf(options.env) }),
    ...(options.interactive ? { interactive: true } : {}),
    ...(name === undefined ? {} : { name }),
    ...(tag === undefined ? {} : { tags: tag }),
    ...(group === undefined ? {} : { group }),
    ...(note === undefined ? {} : { note }),
    ...(config === undefined ? {} : { config }),
    ...(message === undefined ? {} : { message }),
    ...(options.parse ? {} : { parse: false }),
    ...(options.detach ? { detached: true } : {}),
    ...(options.isolated ? { isolated: true } : {}),
  };
}

/** Params of `queue.add`, and of `sweep.start` but for what is of a sweep alone. */
export function queueParams(options: RunOptions, words: readonly string[]): QueueAddParams {
  const { interactive: _, detached: __, isolated: ___, ...params } = runParams(options, words);
  const { gpu } = options;
  return { ...params, ...(gpu === undefined ? {} : { gpu: gpu === true ? "all" : gpu }) };
}

/** One word is a line for the shell, several are executed as they are. */
function commandOf(words: readonly string[]): RunStartParams["command"] {
  const [first] = words;
  if (first === undefined || first.trim() === "") {
    throw usage(
      "There is no command to run.",
      'Examples: datmo run python train.py; datmo run "make && ./bench"',
    );
  }
  return words.length === 1 ? first : words;
}

function refuseLater(options: RunOptions): void {
  const given = LATER.map((flags) => new Option(flags)).find(
    (option) => options[option.attributeName()] !== undefined,
  );
  if (given !== undefined) {
    throw usage(
      `${given.long} needs containers, which this version does not have yet.`,
      "Leave it out to run on this machine as it is.",
    );
  }
  if (options.gpu !== undefined && !options.queue) {
    throw usage(
      "--gpu needs containers or the queue; this version has the queue.",
      "Add --queue, or leave it out: the command sees the GPUs of this machine.",
    );
  }
  if (options.queue && (options.detach || options.interactive)) {
    throw usage(
      `--queue and ${options.detach ? "-d" : "-i"} exclude each other.`,
      "A queued run goes on in a worker, without a terminal.",
    );
  }
  const { environment } = options;
  if (environment !== undefined && environment !== "host") {
    throw usage(
      `The environment "${environment}" cannot be used: this version runs on the machine as it is.`,
      "Leave -e out, or give -e host.",
    );
  }
  if (options.on !== undefined && options.driver !== undefined && options.on !== options.driver) {
    throw usage("--on and --driver name different drivers.", "Give one of them.");
  }
  if (options.detach && options.interactive) {
    throw usage("-d and -i exclude each other.", "A run in the background has no terminal.");
  }
}

function usage(summary: string, hint: string): Error {
  return errors.INVALID_PARAMS({ summary, problems: [] }, { hint });
}
