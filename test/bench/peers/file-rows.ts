import { randomBytes } from "node:crypto";
import { appendFileSync, closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { drive, timeProgram } from "./drive.ts";
import type { Group, Sample } from "./group.ts";
import type { ReadyPeer } from "./peer.ts";
import { bytesIn } from "./rows.ts";

const FILES = 3_000;
const FILE_BYTES = 4_096;
const CHANGED = 10;
const PART_BYTES = 1 << 20;
const BIG_FILES = 8;
/** Git and DVC take a file that is as old as their index for changed. */
const AGE_MS = 1_100;

/** Keeping a folder of files: whole commands, as typed; trackers by a script that logs it as an artifact. */
export function fileGroups(isSmall: boolean): Group[] {
  return [manyFiles(), bigFiles(isSmall ? 100 : 1000)];
}

function manyFiles(): Group {
  const row = (what: string): string => `3,000 files of 4 KB: ${what}`;
  const times = ["first snapshot", "again, nothing changed", "again, 10 changed"].map(row);
  return {
    name: "files",
    rows: [
      ...times.map((name) => ({ name, unit: "s", better: "less" }) as const),
      { name: row("disk for each byte, first snapshot"), unit: "×", better: "less" },
    ],
    rounds: 3,
    applies: keepsFiles,
    measure: async (peer, place) => {
      const keeper = await begin(peer, place);
      const paths = writeFiles(keeper.folder);
      const found: Record<string, Sample> = {};
      for (const [i, name] of times.entries()) {
        if (i === 2) for (const path of paths.slice(0, CHANGED)) appendFileSync(path, "changed\n");
        await pause(AGE_MS);
        found[name] = { value: await keeper.keep(i) };
        if (i > 0) continue;
        await pause(AGE_MS);
        const more = bytesIn(place) - keeper.emptyBytes - FILES * FILE_BYTES;
        found[row("disk for each byte, first snapshot")] = { value: more / (FILES * FILE_BYTES) };
      }
      return found;
    },
  };
}

function bigFiles(megabytes: number): Group {
  const size = megabytes >= 1000 ? `${megabytes / 1000} GB` : `${megabytes} MB`;
  const row = (what: string): string => `${size} of random bytes in ${BIG_FILES} files: ${what}`;
  return {
    name: "big",
    rows: ["first snapshot", "again, nothing changed"].map((what) => ({
      name: row(what),
      unit: "s",
      better: "less",
    })),
    rounds: 1,
    applies: (peer) => peer.files === true || peer.name === "datmo",
    measure: async (peer, place) => {
      const keeper = await begin(peer, place);
      writeBig(keeper.folder, megabytes);
      const found: Record<string, Sample> = {};
      for (const [i, what] of ["first snapshot", "again, nothing changed"].entries()) {
        await pause(AGE_MS);
        found[row(what)] = { value: await keeper.keep(i) };
      }
      return found;
    },
  };
}

interface Keeper {
  /** Where the files lie. */
  readonly folder: string;
  /** Size of everything before there were any. */
  readonly emptyBytes: number;
  /** Seconds of keeping the folder as it is now. */
  keep(time: number): Promise<number>;
}

function keepsFiles(peer: ReadyPeer): boolean {
  return peer.files === true || peer.name === "datmo" || peer.about?.offers.includes("keep") === true;
}

async function begin(peer: ReadyPeer, place: string): Promise<Keeper> {
  const folder = join(place, "data");
  mkdirSync(folder, { recursive: true });
  const program = (name: string, ...words: string[]): Promise<number> => timeProgram(name, words, place);
  const git = async (...words: string[]): Promise<number> => program("git", "-c", "gc.auto=0", ...words);
  const node = (...words: string[]): Promise<number> =>
    program(process.execPath, resolve("dist/datmo.js"), ...words);
  const dvc = (...words: string[]): Promise<number> => program(peer.python, "-m", "dvc", ...words);
  if (peer.name === "datmo") await node("init", "--force");
  if (peer.name === "git" || peer.name === "dvc") await git("init", "-q");
  if (peer.name === "dvc") await dvc("init", "-q");
  if (peer.about !== undefined && peer.name !== "datmo") await drive(peer, "prepare", [join(place, "store")]);
  const keep = async (time: number): Promise<number> => {
    if (peer.name === "datmo") return node("snapshot", "create", "-m", `state ${time}`);
    if (peer.name === "git")
      return (await git("add", "-A")) + (await git("commit", "-qm", "state", "--allow-empty"));
    if (peer.name === "dvc") return (await dvc("add", "-q", "data")) + (await commitPointers(git));
    return (await drive(peer, "keep", [join(place, "store"), folder])).seconds;
  };
  return { folder, emptyBytes: bytesIn(place), keep };
}

/** What DVC leaves to git. */
async function commitPointers(git: (...words: string[]) => Promise<number>): Promise<number> {
  const added = await git("add", "data.dvc", ".gitignore", ".dvc");
  return added + (await git("commit", "-qm", "state", "--allow-empty"));
}

function writeFiles(folder: string): string[] {
  return Array.from({ length: FILES }, (_, i) => {
    const directory = join(folder, `part-${i % 30}`);
    mkdirSync(directory, { recursive: true });
    const path = join(directory, `file-${i}.bin`);
    writeFileSync(path, randomBytes(FILE_BYTES));
    return path;
  });
}

function writeBig(folder: string, megabytes: number): void {
  for (let n = 0; n < BIG_FILES; n++) {
    const path = join(folder, `big-${n}.bin`);
    rmSync(path, { force: true });
    const file = openSync(path, "w");
    const parts = Math.round((megabytes * 1e6) / BIG_FILES / PART_BYTES);
    for (let part = 0; part < parts; part++) writeSync(file, randomBytes(PART_BYTES));
    closeSync(file);
  }
}
