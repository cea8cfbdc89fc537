import { DatmoError, errors } from "../../protocol/errors.ts";
import type { WorkspaceKind } from "../../protocol/types.ts";
import type { Call } from "../call.ts";
import type { CommandModule } from "../command-module.ts";
import { EXIT, exitCodeOfRun } from "../exit-codes.ts";
import { configOf } from "../options/assignments.ts";
import { collect, durationOption, shareOption } from "../options/values.ts";
import { runSummary } from "../render/run-summary.ts";
import { plain } from "../render/text.ts";
import { verdictText } from "../render/verdict.ts";
import { withSecrets } from "../running/ask-secrets.ts";
import { followRun } from "../running/follow-run.ts";
import { workIn } from "./workspace.ts";

interface Options {
  readonly verify?: boolean;
  readonly tolerance?: number;
  readonly snapshot?: string;
  readonly environment?: string;
  readonly config?: readonly string[];
  readonly name?: string;
  readonly tag?: readonly string[];
  readonly timeout?: number;
  readonly trust?: boolean;
  readonly here?: boolean;
  readonly force?: boolean;
  /** False with `--no-browser`. */
  readonly browser?: boolean;
}

export const rerun: CommandModule = {
  define(command) {
    command
      .argument("<run>", "id, name or unique beginning of an id")
      .option("--verify", "compare metrics and files with the original; exit 4 when they differ")
      .option(
        "--tolerance <share>",
        "metrics may differ by this share, such as 1e-6 (0 when not given)",
        shareOption,
      )
      .option("--snapshot <snapshot>", "run on this state instead of the one the run began with")
      .option("-e, --environment <name>", "another environment; captured: a venv with the recorded packages")
      .option("-c, --config <key=value>", "a value in place of the run's (repeatable)", collect)
      .option("--name <name>", "name of the new run")
      .option("--tag <tag>", "a tag (repeatable)", collect)
      .option("--timeout <time>", "stop the command after this time: 90s, 2h", durationOption)
      .option("--trust", "run a command that came from elsewhere")
      .option("--here", "a workspace: in this folder, brought to the state where it ended, not in a copy")
      .option("--force", "with --here: save unsaved work as a snapshot first")
      .option("--no-browser", "a workspace: do not open the browser");
  },
  async run(call) {
    const options = call.options<Options>();
    try {
      return await again(call, options);
    } catch (error) {
      const { workspace, id } = error instanceof DatmoError ? error.details : {};
      if (!isWorkspace(workspace)) throw error;
      return reopen(call, workspace, String(id), options);
    }
  },
};

async function again(call: Call, options: Options): Promise<number> {
  const followed = await followRun(call, {
    async start(originId, signal) {
      const params = { id: call.args[0] ?? "", originId, ...rerunParams(options) };
      return withSecrets(
        call,
        async (typed) =>
          (await call.request("run.rerun", { ...params, ...typed }, { signal, progress: true })).run,
      );
    },
  });
  const { run, interruptedBy, midLine } = followed;
  if (call.json && !options.verify) await call.answer({ run }, () => "");
  if (midLine) await call.note("");
  await call.note(runSummary(run, call.noteStyle));
  if (run.error) await call.note(`${call.noteStyle.red("error:")} ${plain(run.error.message)}`);
  if (!options.verify || interruptedBy !== undefined) return exitCodeOfRun(run, interruptedBy);
  return verify(call, run.id, options.tolerance);
}

/** A workspace goes on where it ended. */
async function reopen(call: Call, kind: WorkspaceKind, id: string, options: Options): Promise<number> {
  if (options.verify) {
    const summary =
      "A workspace cannot be verified: what a person did in it is no command that could be repeated.";
    throw errors.INVALID_PARAMS({ summary, problems: [] }, { hint: "Leave --verify out to open it again." });
  }
  const { environment, name, tag, trust, here, force } = options;
  const config = configOf(options.config);
  const params = {
    kind,
    rerunOf: id,
    ...(environment === undefined ? {} : { environment }),
    ...(config === undefined ? {} : { config }),
    ...(name === undefined ? {} : { name }),
    ...(tag === undefined ? {} : { tags: tag }),
    ...(trust ? { trust } : {}),
    ...(here ? { here } : {}),
    ...(force ? { force } : {}),
  };
  return workIn(call, params, options.browser !== false);
}

function isWorkspace(type: unknown): type is WorkspaceKind {
  return ["notebook", "jupyterlab", "rstudio", "terminal"].some((kind) => kind === type);
}

function rerunParams({ snapshot, environment, config, name, tag, timeout, trust }: Options): object {
  const values = configOf(config);
  return {
    ...(snapshot === undefined ? {} : { snapshotId: snapshot }),
    ...(environment === undefined ? {} : { environment }),
    ...(values === undefined ? {} : { config: values }),
    ...(name === undefined ? {} : { name }),
    ...(tag === undefined ? {} : { tags: tag }),
    ...(timeout === undefined ? {} : { timeoutMs: timeout }),
    ...(trust ? { trust } : {}),
  };
}

async function verify(call: Call, rerunId: string, tolerance: number | undefined): Promise<number> {
  const result = await call.request("run.verify", {
    rerunId,
    ...(tolerance === undefined ? {} : { tolerance }),
  });
  await call.answer(result, () => verdictText(result, { style: call.style, width: call.stdout.columns }));
  if (result.notCaptured.length > 0) {
    const paths = result.notCaptured.map(plain).join(", ");
    await call.note(
      `${call.noteStyle.yellow("warning:")} nobody can tell whether these inputs have changed: ${paths}`,
    );
  }
  return result.same ? EXIT.ok : EXIT.refused;
}
