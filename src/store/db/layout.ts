import { randomUUID } from "node:crypto";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errors } from "../../protocol/errors.ts";
import { writeFileAtomic } from "../../util/atomic-file.ts";
import { FORMAT_VERSION } from "../../util/frame.ts";
import { errorCode } from "./files.ts";

/* Names in `.datmo`, and the file `format` that says which layout it has. See `docs/formats.md`. */

export interface StoreLayout {
  readonly layout: number;
  /** Random id of the project. */
  readonly project: string;
}

/**
 * Creates an empty store in `directory` (the `.datmo` folder), or completes one; an existing `format` file
 * is kept. Throws what the system says.
 */
export async function createStoreLayout(directory: string): Promise<StoreLayout> {
  await makeFolder(directory);
  await chmod(directory, 0o700);
  for (const name of FOLDERS) await makeFolder(join(directory, name));
  await writeNew(join(directory, ".gitignore"), "*\n");
  const layout = { layout: FORMAT_VERSION, project: randomUUID() };
  await writeNew(join(directory, "format"), `${JSON.stringify(layout)}\n`);
  return readLayout(directory);
}

/** Reads `format`. Throws PROJECT_NOT_FOUND, PROJECT_DAMAGED, or FORMAT_NEWER when a later datmo made it. */
export async function readLayout(directory: string): Promise<StoreLayout> {
  try {
    return parseLayout(await readFile(join(directory, "format"), "utf8"));
  } catch (error) {
    if (errorCode(error) === "ENOENT") throw errors.PROJECT_NOT_FOUND({ directory });
    throw error;
  }
}

/** The content of `format`, checked. Throws as `readLayout` does. */
export function parseLayout(text: string): StoreLayout {
  const found = parseJson(text) as Partial<StoreLayout> | undefined;
  if (typeof found?.layout !== "number") {
    throw errors.PROJECT_DAMAGED({ reason: "the file .datmo/format is not what datmo wrote" });
  }
  if (found.layout > FORMAT_VERSION) {
    throw errors.FORMAT_NEWER({ found: found.layout, known: FORMAT_VERSION });
  }
  return { layout: found.layout, project: String(found.project ?? "") };
}

export interface SegmentName {
  readonly writer: string;
  readonly number: number;
  readonly file: string;
}

export function segmentFile(writer: string, number: number): string {
  return `${writer}-${number}.seg`;
}

/** The parts of a segment's file name (also of a retired one), or undefined for another file. */
export function parseSegmentFile(file: string): SegmentName | undefined {
  const match = /^([0-9a-f]{32})-(0|[1-9][0-9]{0,8})\.seg(\.ret)?$/.exec(file);
  return match ? { writer: match[1]!, number: Number(match[2]), file } : undefined;
}

export function snapshotFile(generation: number): string {
  return `${String(generation).padStart(8, "0")}.sqlite`;
}

/** Numbers of the snapshots among these names, newest first. */
export function snapshotNumbers(names: readonly string[]): number[] {
  const numbers = names.flatMap((name) =>
    /^[0-9]{8}\.sqlite$/.test(name) ? [Number.parseInt(name, 10)] : [],
  );
  return numbers.sort((a, b) => b - a);
}

/**
 * Name of the empty file in `seg/` that says: segments covered by this snapshot may be gone. A copy of the
 * project whose `snap/` was copied before its `seg/` shows itself by it.
 */
export function collectedMarker(generation: number): string {
  return `collected-${String(generation).padStart(8, "0")}`;
}

/** The highest generation that a marker among these names tells; 0 when there is none. */
export function collectedGeneration(names: readonly string[]): number {
  let highest = 0;
  for (const name of names) {
    const match = /^collected-([0-9]{8})$/.exec(name);
    if (match) highest = Math.max(highest, Number.parseInt(match[1]!, 10));
  }
  return highest;
}

/** Whole or not at all where there are hard links; a file that is there is left alone. */
async function writeNew(path: string, text: string): Promise<void> {
  try {
    await writeFileAtomic(path, text, { exclusive: true });
  } catch (error) {
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(errorCode(error))) throw error;
    await writeFile(path, text, { flag: "wx", mode: 0o600, flush: true }).catch(unlessThere);
  }
}

function unlessThere(error: unknown): void {
  if (errorCode(error) !== "EEXIST") throw error;
}

/** Not recursive: below /proc that never ends (its folders vanish while they are made), and the parent is there. */
async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    if (errorCode(error) !== "EEXIST") throw error;
  });
}

const FOLDERS = ["seg", "snap", "series", "tasks", "open"];

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
