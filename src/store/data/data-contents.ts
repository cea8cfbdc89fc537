import { realpathSync, statSync } from "node:fs";
import { basename, join, sep } from "node:path";
import type { DataContents, DataLimit, DataState } from "../../services/ports/data.ts";
import type { WorkOptions } from "../../services/ports/snapshots.ts";
import { DataCache } from "./data-cache.ts";
import { keepList, type ListedFile, listChanges, listsIn, listText, readList } from "./data-lists.ts";
import { factsOf, type HashedData } from "./hash-data.ts";
import { readData } from "./read-data.ts";
import { realPathOf, type Walked, type WalkedFile, walkData } from "./walk-data.ts";

/** Tells what data holds, and keeps lists of it in `.datmo/data`. */
export function openDataContents(options: {
  readonly datmoDirectory: string;
  /** Milliseconds since the epoch. Absent: the machine's clock. */
  readonly now?: () => number;
}): DataContents {
  const now = options.now ?? Date.now;
  const lists = join(options.datmoDirectory, "data");
  const cache = join(options.datmoDirectory, "cache", "data");
  return {
    async measure(path, limit, work = {}) {
      const { kind, walked } = await look(path, options.datmoDirectory, work.signal);
      const { files } = walked;
      const bytes = files.reduce((sum, { facts }) => sum + facts.size, 0);
      const state: DataState = { kind, files: files.length, bytes };
      const refused = walked.problem ?? tooMuch(bytes, limit);
      if (refused !== undefined) return { ...state, reason: refused };
      // A copy of the project goes with its run; what is remembered of it would stay.
      const isCopied = isBelow(path, options.datmoDirectory);
      const known = isCopied ? DataCache.none() : await DataCache.load(cache, path);
      const found = await contentsOf(path, files, known, now(), work);
      const bad = found.findIndex(({ sha256 }) => sha256 === undefined);
      if (bad >= 0) return { ...state, reason: `${files[bad]?.path} ${found[bad]?.problem}` };
      if (kind === "file") return { ...state, sha256: found[0]?.sha256 ?? "" };
      const { text, sha256 } = listText(listed(walked, found));
      await keepList(lists, sha256, text);
      return { ...state, sha256 };
    },
    async changes(a, b) {
      const [left, right] = await Promise.all([readList(lists, a), readList(lists, b)]);
      return left && right ? listChanges(left, right) : undefined;
    },
    lists: () => listsIn(lists),
  };
}

/** What datmo keeps in `datmo` changes with every run, and is no data of any. */
async function look(
  path: string,
  datmo: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly kind: "file" | "folder"; readonly walked: Walked }> {
  const facts = statSync(path);
  if (facts.isDirectory()) return { kind: "folder", walked: await walkData(path, datmo, signal) };
  const name = basename(path);
  if (facts.isFile()) {
    const file = { path: name, source: realpathSync(path), facts };
    return { kind: "file", walked: { files: [file], dangling: [] } };
  }
  return { kind: "file", walked: { files: [], dangling: [], problem: "it is a pipe, socket or device" } };
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(realPathOf(folder) + sep);
}

function tooMuch(bytes: number, { mostBytes }: DataLimit): string | undefined {
  return bytes > mostBytes
    ? `it has ${sizeText(bytes)}, and ${sizeText(mostBytes)} are read at most`
    : undefined;
}

function sizeText(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3));
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${units[power]}`;
}

async function contentsOf(
  path: string,
  files: readonly WalkedFile[],
  cache: DataCache,
  readAt: number,
  { signal, progress }: WorkOptions,
): Promise<HashedData[]> {
  const found = files.map((file): HashedData => {
    const sha256 = cache.find(file);
    return sha256 === undefined ? {} : { sha256, facts: factsOf(file.facts) };
  });
  const unread = files.flatMap((file, i) => (found[i]?.sha256 === undefined ? [{ file, i }] : []));
  if (unread.length === 0) return found;
  const total = unread.reduce((sum, { file }) => sum + file.facts.size, 0);
  let done = 0;
  const read = (bytes: number): void => {
    done += bytes;
    progress?.({ message: `Reading the data ${basename(path)}`, done: Math.min(done, total), total });
  };
  const answers = await readData(
    unread.map(({ file }) => file),
    { read, ...(signal ? { signal } : {}) },
  );
  unread.forEach(({ i }, n) => {
    found[i] = answers[n] ?? {};
  });
  await cache.save(files, found, readAt);
  return found;
}

/** A link that leads nowhere is told by where it points. */
function listed({ files, dangling }: Walked, found: readonly HashedData[]): ListedFile[] {
  return [
    ...files.map(({ path, facts }, i) => ({
      path,
      bytes: found[i]?.facts?.[2] ?? facts.size,
      sha256: found[i]?.sha256 ?? "",
    })),
    ...dangling.map(([path, target]) => ({ path, bytes: 0, sha256: `link:${encodeURIComponent(target)}` })),
  ];
}
