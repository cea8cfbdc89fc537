import { resolve } from "node:path";
import { errors } from "../../protocol/errors.ts";
import type { SnapshotCreateParams } from "../../protocol/types.ts";
import { abortOnSignal } from "../abort-on-signal.ts";
import type { Call } from "../call.ts";
import type { CommandModule } from "../command-module.ts";
import { configOf, metricsOf } from "../options/assignments.ts";
import { snapshotAliases } from "../options/snapshot-options.ts";
import { collect } from "../options/values.ts";
import { snapshotLine } from "../render/snapshot-line.ts";
import { count, plain } from "../render/text.ts";

interface Options {
  readonly message?: string;
  readonly label?: string;
  readonly run?: string;
  readonly config?: readonly string[];
  readonly metrics?: readonly string[];
  readonly configFile?: string;
  readonly metricsFile?: string;
  readonly path?: readonly string[];
  readonly pointer?: readonly string[];
  readonly environment?: string;
  readonly environmentPath?: readonly string[];
}

export const snapshotCreate: CommandModule = {
  aliases: snapshotAliases,
  define(command) {
    command
      .requiredOption("-m, --message <text>", "what it is")
      .option("-l, --label <label>", "short category, such as best")
      .option("--run <run>", "make the state after this run a snapshot of yours")
      .option("-c, --config <key=value>", "a value of its config (repeatable)", collect)
      .option("-s, --metrics <name=number>", "one of its metrics (repeatable)", collect)
      .option("--config-file <file>", "a JSON file with its config (config.json at the root when not given)")
      .option(
        "--metrics-file <file>",
        "a JSON file with its metrics (metrics.json at the root when not given)",
      )
      .option("--path <src[>name]>", "a file or folder to keep with it (repeatable)", collect)
      .option(
        "--pointer <key=path>",
        "name a file in its config that is not kept, with its size and SHA-256 (repeatable)",
        collect,
      )
      .option("-e, --environment <name>", "environment that it holds (the active one when not given)")
      .option(
        "--environment-path <src[>name]>",
        "a definition file of the environment that it holds, or a folder (repeatable)",
        collect,
      );
  },
  async run(call) {
    const params = snapshotParams(call, call.options<Options>());
    const interrupt = abortOnSignal(call.host);
    try {
      const result = await call.request("snapshot.create", params, {
        signal: interrupt.signal,
        progress: true,
      });
      await call.answer(result, () => snapshotLine(result.snapshot, call.style));
      if (call.json) return 0;
      if (!result.created) await call.note(sameText(params));
      await warn(call, "changed while it was read", result.unstable);
      await warn(
        call,
        "could not be taken",
        result.skipped.map(({ path, reason }) => `${path} (${reason})`),
      );
    } finally {
      interrupt.end();
    }
    return 0;
  },
};

function snapshotParams(call: Call, options: Options): SnapshotCreateParams {
  const { message = "", label, run, configFile, metricsFile, path, pointer } = options;
  refuse(options);
  const config = configOf(options.config);
  const file = (name: string): string => resolve(call.host.directory, name);
  return {
    message,
    ...(label === undefined ? {} : { label }),
    ...(run === undefined ? {} : { runId: run }),
    ...(options.environment === undefined ? {} : { environment: options.environment }),
    ...(options.environmentPath === undefined
      ? {}
      : { environmentPaths: options.environmentPath.map((spec) => absolute(spec, file)) }),
    ...(config === undefined ? {} : { config }),
    ...(options.metrics === undefined ? {} : { metrics: metricsOf(options.metrics) }),
    ...(configFile === undefined ? {} : { configFile: file(configFile) }),
    ...(metricsFile === undefined ? {} : { metricsFile: file(metricsFile) }),
    ...(path === undefined ? {} : { paths: path.map((spec) => absolute(spec, file)) }),
    ...(pointer === undefined ? {} : { pointers: pointer.map((text) => pointerOf(text, file)) }),
  };
}

/** `KEY=PATH`, the path seen from the folder one stands in; an address stays as it is. */
function pointerOf(text: string, file: (name: string) => string): { key: string; path: string } {
  const at = text.search(/[:=]/);
  const [key, path] = [text.slice(0, Math.max(0, at)).trim(), text.slice(at + 1).trim()];
  if (key === "" || path === "") {
    throw errors.INVALID_PARAMS(
      { summary: `"${text}" is no pointer.`, problems: [] },
      { hint: "Write KEY=PATH, such as data.train=data/train.csv." },
    );
  }
  return { key, path: /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(path) ? path : file(path) };
}

function sameText({ label, runId }: SnapshotCreateParams): string {
  const has = label === undefined ? "this message now" : "this message and label now";
  return runId === undefined
    ? `Nothing had changed: this snapshot was there already, and has ${has}.`
    : `This is the state after the run; it is one of your snapshots and has ${has}.`;
}

/** `SRC` or `SRC>NAME`, the source seen from the folder one stands in. */
function absolute(spec: string, file: (name: string) => string): string {
  const [source = "", ...name] = spec.split(">");
  return source.trim() === "" ? spec : [file(source.trim()), ...name].join(">");
}

function refuse({
  message = "",
  config,
  configFile,
  metrics,
  metricsFile,
  environment,
  environmentPath,
  run,
}: Options): void {
  if (message.trim() === "") {
    throw errors.INVALID_PARAMS(
      { summary: "The message is empty.", problems: [] },
      { hint: "Say what it is: -m MESSAGE." },
    );
  }
  if (config !== undefined && configFile !== undefined) throw exclusive("--config", "--config-file");
  if (metrics !== undefined && metricsFile !== undefined) throw exclusive("--metrics", "--metrics-file");
  if (run !== undefined && environment !== undefined) throw exclusive("--run", "--environment");
  if (run !== undefined && environmentPath !== undefined) throw exclusive("--run", "--environment-path");
  if (environment !== undefined && environmentPath !== undefined)
    throw exclusive("--environment", "--environment-path");
}

function exclusive(a: string, b: string): Error {
  return errors.INVALID_PARAMS({ summary: `${a} and ${b} exclude each other.`, problems: [] });
}

async function warn(call: Call, what: string, paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return;
  const list = paths.slice(0, 10).map(plain).join(", ");
  const more = paths.length > 10 ? ", …" : "";
  await call.note(
    `${call.noteStyle.yellow("warning:")} ${count(paths.length, "path")} ${what}: ${list}${more}`,
  );
}
