import { readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errors } from "../../protocol/errors.ts";
import type { Command } from "../../services/ports/drivers.ts";
import { openCast } from "../../util/asciicast.ts";
import { findExecutable, type Variables } from "../../util/executables.ts";

/**
 * A command whose terminal is recorded: `script` of util-linux stands between it and the user's terminal, since Node
 * has no pseudo terminals. Only what is shown is kept; what is typed unseen (passwords) is not.
 */
export function recordedCommand(
  command: Command,
  transcript: string,
  variables: Variables,
  directory: string,
): Command {
  const program = findExecutable("script", variables, directory);
  if (program === undefined || process.platform !== "linux") {
    const reason = "recording a terminal needs the program `script` of util-linux, and it is not there";
    throw errors.COMMAND_NOT_STARTED({ reason });
  }
  const { output, timing } = rawFiles(transcript);
  const text = command.kind === "shell" ? command.text : command.argv.map(quoted).join(" ");
  const files = ["--log-out", output, "--log-timing", timing, "--logging-format", "advanced"];
  return { kind: "argv", argv: [program, "-q", "-e", "-f", ...files, "-c", text] };
}

/** Makes the transcript of what `script` has left, and removes that. */
export async function finishTranscript(transcript: string): Promise<void> {
  const { output, timing } = rawFiles(transcript);
  const [shown, events] = await Promise.all([readFile(output), readFile(timing, "utf8")]);
  await writeCast(transcript, shown, events.split("\n").map(timedEvent));
  await Promise.all([rm(output, { force: true }), rm(timing, { force: true })]);
}

interface TimedEvent {
  /** `H`: a fact, `O`: output, `S`: a signal. */
  readonly kind: string;
  /** Seconds since the event before. */
  readonly after: number;
  readonly rest: string;
}

function timedEvent(line: string): TimedEvent {
  const [, kind = "", after = "0", rest = ""] = /^(\S) (\d+\.\d+) (.*)$/.exec(line) ?? [];
  return { kind, after: Number(after), rest };
}

async function writeCast(path: string, shown: Buffer, events: readonly TimedEvent[]): Promise<void> {
  const facts = new Map(
    events
      .filter(({ kind }) => kind === "H")
      .map(({ rest }) => [rest.split(" ")[0], rest.replace(/^\S+ /, "")]),
  );
  const timestamp = Date.parse(facts.get("START_TIME") ?? "") / 1000;
  const cast = await openCast(path, {
    columns: Number(facts.get("COLUMNS") ?? 80),
    rows: Number(facts.get("LINES") ?? 24),
    timestamp: Number.isFinite(timestamp) ? timestamp : 0,
    variables: { TERM: facts.get("TERM") ?? "", SHELL: facts.get("SHELL") ?? "" },
  });
  let seconds = 0;
  // Its first line is the program's own.
  let at = shown.subarray(0, 14).toString("latin1") === "Script started" ? shown.indexOf(10) + 1 : 0;
  for (const { kind, after, rest } of events) {
    if (kind !== "H") seconds += after;
    if (kind === "O") {
      const bytes = Number(rest);
      cast.output(seconds, shown.subarray(at, at + bytes));
      at += bytes;
    }
    const size = kind === "S" ? /^SIGWINCH ROWS=(\d+) COLS=(\d+)/.exec(rest) : undefined;
    if (size) cast.resize(seconds, { rows: Number(size[1]), columns: Number(size[2]) });
  }
  await cast.close();
}

function rawFiles(transcript: string): { readonly output: string; readonly timing: string } {
  const folder = dirname(transcript);
  return { output: join(folder, ".terminal.out"), timing: join(folder, ".terminal.timing") };
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
