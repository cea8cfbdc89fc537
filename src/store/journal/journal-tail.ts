import type { JournalRecord } from "../../services/ports/task-folders.ts";
import { type HeldFolder, isBareName, openRegularFile } from "../../util/safe-files.ts";
import { followJournal, type JournalFile } from "./journal-file.ts";
import type { Validate } from "./journal-line.ts";
import type { Report } from "./report.ts";

export interface JournalTailOptions {
  readonly lineBytes: number;
  readonly invalidLines: number;
  /** Files that are looked at. */
  readonly files: number;
  /** Bytes that one call reads; what is left comes with the next call. */
  readonly bytesPerCall: number;
  /** Default: the generated validator, loaded when there is a first line. */
  readonly validate?: Validate | undefined;
  readonly report: Report;
}

const EXTENSION = ".jsonl";
/** A call that only meets garbage ends too. */
const MAX_ROUNDS = 32;

/** Follows all journals of one run: each call answers the lines that were not answered before. */
export function followJournals(
  options: JournalTailOptions,
): (folder: HeldFolder) => Promise<JournalRecord[]> {
  const files = new Map<string, JournalFile>();
  /** The name that the last call's budget did not reach: it comes first, so that no writer starves another. */
  let first = "";
  let { validate } = options;

  async function read(
    folder: HeldFolder,
    name: string,
    budget: number,
    records: JournalRecord[],
  ): Promise<number> {
    const opened = await openRegularFile(folder.at(name));
    if (!opened) return 0;
    const { handle, stats } = opened;
    try {
      validate ??= (await import("../../protocol/document-validators.js")).validateRunJournal;
      const report = (reason: string): void => options.report(`journal/${name}`, reason);
      const file = files.get(name) ?? followJournal(stats, { ...options, validate, report });
      files.set(name, file);
      if (!file.mayHaveMore(stats)) return 0;
      const { lines, bytes } = await file.read(handle, stats, budget);
      const writer = name.slice(0, -EXTENSION.length);
      for (const line of lines) records.push({ writer, line });
      return bytes;
    } finally {
      await handle.close();
    }
  }

  /** Answers how many bytes were read. */
  async function readSome(folder: HeldFolder, records: JournalRecord[]): Promise<number> {
    let budget = options.bytesPerCall;
    for (const name of startingAt(first, await journalNames(folder, options))) {
      first = name;
      if (budget <= 0) return options.bytesPerCall;
      const look = read(folder, name, budget, records);
      budget -= await look.catch(options.report.unusable(`journal/${name}`, 0));
    }
    first = "";
    return options.bytesPerCall - budget;
  }

  return async (folder) => {
    const records: JournalRecord[] = [];
    // An empty answer means that nothing is left, not that so much of it was of no use.
    for (let rounds = 0; rounds < MAX_ROUNDS && records.length === 0; rounds++) {
      if ((await readSome(folder, records)) === 0) break;
    }
    return records;
  };
}

async function journalNames(folder: HeldFolder, options: JournalTailOptions): Promise<string[]> {
  const names = await folder.names(options.files);
  if (names.length > options.files) options.report("journal", `it holds more than ${options.files} files`);
  const journals = names
    .slice(0, options.files)
    .filter((name) => name.endsWith(EXTENSION) && isBareName(name));
  return journals.sort();
}

function startingAt(first: string, names: string[]): string[] {
  const at = names.findIndex((name) => name >= first);
  return at <= 0 ? names : [...names.slice(at), ...names.slice(0, at)];
}
