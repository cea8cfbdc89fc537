import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { errors } from "../../protocol/errors.ts";
import { livenessOf, type ProcessStat, readProcessStat } from "../../util/process-identity.ts";
import { writeExitFile } from "../exit-file.ts";
import { findMembers, type RunMembers } from "./members.ts";
import { type ProcessFile, readProcessFile } from "./task-files.ts";

export interface StopOptions {
  /** Milliseconds between asking and killing. */
  readonly graceMs: number;
  readonly signal?: StopSignal;
}

type StopSignal = "SIGINT" | "SIGTERM";

/** How long the wrapper has to leave the exit code after everything else was killed. */
const WRAPPER_MS = 2000;
/** How long a killed process may take to go before it counts as stuck in the kernel. */
const STUCK_MS = 15_000;

/**
 * Ends everything a run started: asks the whole group, and kills what is left after the grace. Resolves when
 * nothing of it runs. Throws RUN_NOT_STOPPABLE when it runs on another host, or cannot even be killed.
 */
export async function stopRun(taskDirectory: string, options: StopOptions): Promise<void> {
  const file = await readProcessFile(taskDirectory);
  if (!file) return;
  if ((await livenessOf(file)) === "unknown") {
    throw notStoppable(taskDirectory, `it runs on ${file.host}`);
  }
  const known = new Map<number, string>();
  const look = () => findMembers(taskDirectory, file, known);
  const first = await look();
  if (isEmpty(first)) return;
  ask(file, first, options.signal ?? "SIGTERM");
  if (await waitFor(look, isEmpty, options.graceMs)) return;
  await killAll(taskDirectory, look);
  // Written unless the wrapper did: it may have been killed too.
  await writeExitFile(taskDirectory, 128 + 9);
}

/** Kills what a wrapper left behind that was itself killed. */
export async function killLeftovers(taskDirectory: string, file: ProcessFile): Promise<void> {
  const known = new Map<number, string>([[file.pid, file.startTime]]);
  await waitFor(
    async () => {
      const members = await findMembers(taskDirectory, file, known);
      for (const member of members.others) signal(member, "SIGKILL");
      return members;
    },
    (members) => members.others.length === 0,
    STUCK_MS,
  );
}

/**
 * Each is asked once, for to many programs a second signal means to drop everything; and who is born later is
 * not asked: it may be what saves the work (`aws s3 cp` in a handler).
 */
function ask(file: ProcessFile, members: RunMembers, name: StopSignal): void {
  const { leader, others } = members;
  // One call reaches the whole group at once. Unless we are in it ourselves (`datmo stop` inside the run).
  const own = readProcessStat(process.pid)?.group;
  const group = leader && file.session && leader.pid !== own ? leader.pid : undefined;
  if (leader && group !== undefined) signal({ ...leader, pid: -group }, name);
  for (const member of others) if (member.group !== group) signal(member, name);
  // Stopped processes would never see the signal.
  for (const member of [...others, ...(leader ? [leader] : [])]) signal(member, "SIGCONT");
}

async function killAll(taskDirectory: string, look: () => Promise<RunMembers>): Promise<void> {
  const killOthers = async (): Promise<RunMembers> => {
    const members = await look();
    for (const member of members.others) signal(member, "SIGKILL");
    return members;
  };
  // The wrapper is spared at first: it leaves the exit code and goes by itself.
  const othersGone = await waitFor(killOthers, (members) => members.others.length === 0, STUCK_MS);
  if (await waitFor(killOthers, isEmpty, WRAPPER_MS)) return;
  const { leader } = await look();
  if (leader) signal(leader, "SIGKILL");
  if (await waitFor(killOthers, isEmpty, othersGone ? STUCK_MS : 0)) return;
  const pids = (await look()).others.map((member) => member.pid).join(", ");
  throw notStoppable(taskDirectory, `process ${pids} does not end even when killed`);
}

/** Looks with growing pauses until `done` holds; false when `limitMs` passed before. */
async function waitFor(
  look: () => Promise<RunMembers>,
  done: (members: RunMembers) => boolean,
  limitMs: number,
): Promise<boolean> {
  const end = performance.now() + limitMs;
  for (let pause = 5; ; pause = Math.min(pause * 2, 100)) {
    if (done(await look())) return true;
    const left = end - performance.now();
    if (left <= 0) return false;
    await sleep(Math.min(pause, left));
  }
}

function signal(member: ProcessStat, name: NodeJS.Signals): void {
  // Read again right before: between the look and now the pid may have gone to somebody else.
  const now = readProcessStat(Math.abs(member.pid));
  if (now && now.startTime !== member.startTime) return;
  try {
    process.kill(member.pid, name);
  } catch {
    // Gone meanwhile, or of another user: the next look tells.
  }
}

function isEmpty(members: RunMembers): boolean {
  return members.leader === undefined && members.others.length === 0;
}

function notStoppable(taskDirectory: string, reason: string): Error {
  return errors.RUN_NOT_STOPPABLE({ id: basename(taskDirectory), reason });
}
