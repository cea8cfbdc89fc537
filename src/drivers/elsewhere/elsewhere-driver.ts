import { relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { errors } from "../../protocol/errors.ts";
import type {
  Driver,
  ExitFact,
  ProcessState,
  RemoteRunner,
  StartedProcess,
  StartSpec,
} from "../../services/ports/drivers.ts";
import { livenessOf } from "../../util/process-identity.ts";
import { readExitFile, writeExitFile } from "../exit-file.ts";
import { prepareRemote, type RemoteNote, readRemoteNote, writeRemoteNote } from "./remote-file.ts";
import { outputSize, takeFile, writeOutput } from "./take-in.ts";

/** How long a look may wait for something new. */
const WAIT_MS = 1_000;
/** Between looks that fail, the first and the longest. */
const AGAIN_MS = [250, 10_000] as const;
/** Looks that fail for so long are given up; a later engine tries again. */
const GIVE_UP_MS = 30 * 60_000;

/**
 * Carries out commands somewhere else, by what a plugin knows. Output, end and files are taken in by the process that
 * started it; when that is gone, by whoever inspects the run next, from the handle in its task folder.
 */
export function createElsewhereDriver(name: string, runner: RemoteRunner | undefined): Driver {
  /** Runs of this process. */
  const active = new Map<string, Promise<ExitFact>>();
  const present = (): RemoteRunner => {
    if (runner) return runner;
    throw errors.DRIVER_UNKNOWN({ name, available: "host, docker" });
  };

  async function start(spec: StartSpec): Promise<StartedProcess> {
    const { remote, taskDirectory, directory, runId, command, environment } = spec;
    if (spec.interactive)
      throw errors.COMMAND_NOT_STARTED({ reason: `the driver ${name} gives no terminal` });
    const root = remote?.root ?? directory;
    await prepareRemote(taskDirectory);
    const handle = await present().start({
      runId,
      command,
      root,
      directory: relative(root, directory),
      variables: environment,
      config: remote?.config ?? {},
    });
    await writeRemoteNote(taskDirectory, handle, root);
    const exited = followRemote(present(), taskDirectory, { handle, root }).finally(() =>
      active.delete(taskDirectory),
    );
    exited.catch(() => {});
    active.set(taskDirectory, exited);
    return { pid: process.pid, exited };
  }

  async function inspect(taskDirectory: string): Promise<ProcessState> {
    const exit = await readExitFile(taskDirectory);
    if (exit) return { state: "ended", exit };
    const note = await readRemoteNote(taskDirectory);
    if (!note) return { state: "gone", unstarted: true };
    if (active.has(taskDirectory)) return { state: "alive", pid: process.pid };
    const owner = await livenessOf(note.owner);
    if (owner !== "gone" && note.owner.pid !== process.pid) return { state: "alive", pid: note.owner.pid };
    // Nobody can ask for it any more.
    if (!runner) return { state: "gone" };
    const ended = await takeStep(runner, taskDirectory, note, 0);
    return ended ? { state: "ended", exit: ended } : { state: "alive", pid: note.owner.pid };
  }

  return {
    name,
    start,
    inspect,
    async stop(taskDirectory, { graceMs, signal = "SIGTERM" }) {
      const note = await readRemoteNote(taskDirectory);
      if (!note || (await readExitFile(taskDirectory))) return;
      await present().signal(note.handle, signal);
      if (await endsWithin(graceMs, taskDirectory, () => inspect(taskDirectory))) return;
      await present().signal(note.handle, "SIGKILL");
      await endsWithin(GRACE_OF_KILL_MS, taskDirectory, () => inspect(taskDirectory));
    },
    // What it uses is somewhere else.
    usage: async () => ({ read: async () => undefined, close: () => undefined }),
  };
}

const MOST_PROBLEMS = 20;
/** A connection has to carry it. */
const GRACE_OF_KILL_MS = 10_000;
const LOOK_MS = 50;

async function endsWithin(
  limitMs: number,
  taskDirectory: string,
  look: () => Promise<ProcessState>,
): Promise<boolean> {
  for (const until = Date.now() + limitMs; ; await sleep(LOOK_MS)) {
    if (await readExitFile(taskDirectory)) return true;
    if ((await look().catch(() => undefined))?.state === "ended") return true;
    if (Date.now() > until) return false;
  }
}

type Place = Pick<RemoteNote, "handle" | "root">;

/** Takes in what comes until the end. A runner that fails is asked again: the command goes on without it. */
async function followRemote(runner: RemoteRunner, taskDirectory: string, place: Place): Promise<ExitFact> {
  let lastWell = Date.now();
  let waitMs: number = AGAIN_MS[0];
  for (;;) {
    try {
      const exit = await takeStep(runner, taskDirectory, place, WAIT_MS);
      if (exit) return exit;
      lastWell = Date.now();
      waitMs = AGAIN_MS[0];
    } catch (error) {
      if (Date.now() - lastWell > GIVE_UP_MS) throw error;
      await sleep(waitMs);
      waitMs = Math.min(waitMs * 2, AGAIN_MS[1]);
    }
  }
}

/** Files that do not belong here are left there, and told behind the output. */
async function takeFiles(
  runner: RemoteRunner,
  taskDirectory: string,
  { handle, root }: Place,
  outputEnd: number,
): Promise<void> {
  const problems = new Set<string>();
  for await (const file of runner.files(handle)) {
    const problem = await takeFile(file, root, taskDirectory);
    if (problem !== undefined && problems.size < MOST_PROBLEMS) problems.add(problem);
  }
  const lines = [...problems].map((problem) => `datmo: a file was not taken: ${problem}\n`);
  if (lines.length > 0) await writeOutput(taskDirectory, Buffer.from(lines.join("")), outputEnd);
}

/** Takes in what is there now; how it ended when it has. */
async function takeStep(
  runner: RemoteRunner,
  taskDirectory: string,
  { handle, root }: Place,
  waitMs: number,
): Promise<ExitFact | undefined> {
  const from = await outputSize(taskDirectory);
  const { output, exitCode } = await runner.poll(handle, from, waitMs);
  if (output.length > 0) await writeOutput(taskDirectory, output, from);
  // All of the output comes before the end counts.
  if (exitCode === undefined || output.length > 0) return undefined;
  await takeFiles(runner, taskDirectory, { handle, root }, from);
  const exit = await writeExitFile(taskDirectory, exitCode);
  await runner.remove(handle).catch(() => undefined);
  return exit;
}
