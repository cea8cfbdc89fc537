import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { errors } from "../../protocol/errors.ts";
import type { DataSource, PortMapping, QueueAddParams, RunStartParams } from "../../protocol/types.ts";
import { configOf, variablesOf } from "./assignments.ts";
import { cpusOption, dataOption, portOption, sizeOption } from "./place-values.ts";
import { collect, durationOption, parserOption } from "./values.ts";

/** Params about the place of a run. */
export type PlaceParams = Pick<
  RunStartParams,
  "environment" | "environmentPaths" | "gpu" | "memoryBytes" | "cpus" | "ports" | "data"
>;

export interface PlaceOptions {
  readonly environment?: string;
  readonly environmentPath?: readonly string[];
  /** True without a value. */
  readonly gpu?: string | true;
  readonly memLimit?: number;
  readonly cpus?: number;
  readonly port?: readonly PortMapping[];
  readonly environmentId?: string;
  readonly environmentPaths?: readonly string[];
  readonly ports?: readonly PortMapping[];
  readonly data?: readonly DataSource[];
}

export interface RunOptions extends PlaceOptions {
  readonly name?: string;
  readonly tag?: readonly string[];
  readonly group?: string;
  readonly note?: string;
  readonly message?: string;
  readonly config?: readonly string[];
  readonly env?: readonly string[];
  readonly envFile?: readonly string[];
  readonly secret?: readonly string[];
  readonly timeout?: number;
  readonly parser?: string;
  /** False with `--no-parse`. */
  readonly parse: boolean;
  /** False with `--no-usage`. */
  readonly usage: boolean;
  readonly interactive?: boolean;
  readonly detach?: boolean;
  readonly isolated?: boolean;
  readonly queue?: boolean;
  readonly driver?: string;
  readonly on?: string;
  readonly [name: string]: unknown;
}

export function defineRunOptions(command: Command): void {
  command
    .option("-c, --config <key=value>", "a value of the run's config, JSON or text (repeatable)", collect)
    .option("--name <name>", "name of the run (one is made when not given)")
    .option("--tag <tag>", "a tag (repeatable)", collect)
    .option("--group <group>", "group of runs it belongs to")
    .option("--note <text>", "free text")
    .option("--message <text>", "message of its snapshots")
    .option("--env <name=value>", "an environment variable for the command (repeatable)", collect)
    .option(
      "--env-file <file>",
      "lines NAME=VALUE, read when it starts and kept nowhere (repeatable)",
      collect,
    )
    .option("--secret <name>", "a variable of this shell whose value is kept nowhere (repeatable)", collect)
    .option("--timeout <time>", "stop the command after this time: 90s, 2h", durationOption)
    .addOption(parserOption())
    .option("--no-parse", "do not take lines such as `loss: 0.3` as metrics")
    .option("--no-usage", "do not measure what it uses of processor, memory, disk and GPUs")
    .option("-i, --interactive", "give the command the terminal or standard input")
    .option("-d, --detach", "let it run on by itself; prints its id")
    .option("--isolated", "run in a copy of the folder")
    .option("--queue", "leave it to a worker, which runs it on the state of now; prints its id")
    .option("--on <driver>", "what runs it: host, docker")
    .addOption(new Option("--driver <driver>").hideHelp());
  definePlaceOptions(command);
}

/** Where it runs, and what it gets there. */
export function definePlaceOptions(command: Command): void {
  command
    .option(
      "-e, --environment <name>",
      "name or id; host; docker (the Dockerfile here); venv (the lock file here)",
    )
    .option("--environment-path <path>", "a definition file, SRC or SRC>NAME (repeatable)", collect)
    .option("--gpu [which]", "GPUs: all (when no value is given), a number of them, or ids such as 0,2")
    .option("-m, --mem-limit <size>", "limit of memory: 512m, 4g", sizeOption)
    .option("--cpus <n>", "limit of processors: 1.5", cpusOption)
    .option("-p, --port <host:container>", "a port of the container on 127.0.0.1 (repeatable)", portOption)
    .option("--data <path>", "a file or folder as data: SRC, SRC>NAME, with :ro (repeatable)", dataOption)
    // The original's spellings.
    .addOption(new Option("--environment-id <id>").hideHelp())
    .addOption(new Option("--environment-paths <path>").argParser(collect).hideHelp())
    .addOption(new Option("--ports <ports>").argParser(portOption).hideHelp());
}

/**
 * Params of `run.start`. `directory`: what paths are relative to, absolute. Throws what makes the command line one that
 * cannot be meant.
 */
export function runParams(options: RunOptions, words: readonly string[], directory: string): RunStartParams {
  refuseContradictions(options);
  const driver = options.on ?? options.driver;
  const config = configOf(options.config);
  const { name, tag, group, note, message, timeout } = options;
  return {
    command: commandOf(words),
    ...(driver === undefined ? {} : { driver }),
    ...placeParams(options, directory),
    ...(timeout === undefined ? {} : { timeoutMs: timeout }),
    ...(options.env === undefined ? {} : { variables: variablesOf(options.env) }),
    ...(options.secret === undefined ? {} : { secrets: options.secret }),
    ...(options.envFile === undefined
      ? {}
      : { envFiles: options.envFile.map((path) => resolve(directory, path)) }),
    ...(options.interactive ? { interactive: true } : {}),
    ...(name === undefined ? {} : { name }),
    ...(tag === undefined ? {} : { tags: tag }),
    ...(group === undefined ? {} : { group }),
    ...(note === undefined ? {} : { note }),
    ...(config === undefined ? {} : { config }),
    ...(message === undefined ? {} : { message }),
    ...(options.parser === undefined ? {} : { parser: options.parser }),
    ...(options.parse ? {} : { parse: false }),
    ...(options.usage ? {} : { usage: false }),
    ...(options.detach ? { detached: true } : {}),
    ...(options.isolated ? { isolated: true } : {}),
  };
}

/** Params of `queue.add`, and of `sweep.start` but for what is of a sweep alone. `directory`: as for `runParams`. */
export function queueParams(
  options: RunOptions,
  words: readonly string[],
  directory: string,
): QueueAddParams {
  const { interactive: _, detached: __, isolated: ___, ...params } = runParams(options, words, directory);
  return params;
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

/** What `definePlaceOptions` gives. `directory`: what paths are relative to, absolute. */
export function placeParams(options: PlaceOptions, directory: string): PlaceParams {
  const { gpu, memLimit, cpus, data } = options;
  const environment = options.environment ?? options.environmentId;
  const paths = together(options.environmentPath, options.environmentPaths);
  const port = together(options.port, options.ports);
  return {
    ...(environment === undefined ? {} : { environment }),
    ...(paths === undefined ? {} : { environmentPaths: paths.map((path) => resolve(directory, path)) }),
    ...(gpu === undefined ? {} : { gpu: gpu === true ? "all" : gpu }),
    ...(memLimit === undefined ? {} : { memoryBytes: memLimit }),
    ...(cpus === undefined ? {} : { cpus }),
    ...(port === undefined ? {} : { ports: port }),
    ...(data === undefined
      ? {}
      : { data: data.map((one) => ({ ...one, source: resolve(directory, one.source) })) }),
  };
}

/** Values of two spellings of one option. */
function together<T>(values: readonly T[] | undefined, others: readonly T[] | undefined): T[] | undefined {
  return values || others ? [...(values ?? []), ...(others ?? [])] : undefined;
}

function refuseContradictions(options: RunOptions): void {
  if (options.queue && (options.detach || options.interactive)) {
    throw usage(
      `--queue and ${options.detach ? "-d" : "-i"} exclude each other.`,
      "A queued run goes on in a worker, without a terminal.",
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
