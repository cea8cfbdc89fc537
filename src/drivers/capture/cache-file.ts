import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "../../util/json.ts";
import { readRegularFile } from "./regular-file.ts";

const LARGEST = 64 << 20;

/** One JSON file that may be lost at any time. Without a folder it lives in memory only. */
export interface CacheFile<T> {
  /** What was saved last, by this process or another one; undefined when there is nothing usable. */
  load(): T | undefined;
  /** Replaces the file in one step; a failure (full disk, read-only project) is no error. */
  save(content: T): void;
}

/**
 * @param version Goes up when the shape of the content changes; other versions are ignored.
 * @param directory Made when its parent exists: a cache never brings a project folder into being.
 */
export function cacheFile<T extends Json>(
  directory: string | undefined,
  name: string,
  version: number,
): CacheFile<T> {
  let memory: T | undefined;
  return {
    load() {
      memory ??= directory === undefined ? undefined : read<T>(join(directory, name), version);
      return memory;
    },
    save(content) {
      memory = content;
      if (directory !== undefined) write(directory, name, version, content);
    },
  };
}

/** The first line tells version and checksum of the rest: what anybody else wrote is not believed. */
function read<T>(path: string, version: number): T | undefined {
  const text = readRegularFile(path, LARGEST)?.toString("utf8");
  if (text === undefined) return undefined;
  const end = text.indexOf("\n");
  const body = text.slice(end + 1);
  try {
    return text.slice(0, end) === seal(body, version) ? (JSON.parse(body) as T) : undefined;
  } catch {
    return undefined;
  }
}

function write(directory: string, name: string, version: number, content: Json): void {
  const temporary = join(directory, `.${name}.${randomBytes(6).toString("hex")}`);
  const body = JSON.stringify(content);
  try {
    makeFolder(directory);
    writeFileSync(temporary, `${seal(body, version)}\n${body}`, { mode: 0o600 });
    renameSync(temporary, join(directory, name));
  } catch {
    rmSync(temporary, { force: true });
  }
}

function seal(body: string, version: number): string {
  return `datmo-cache ${version} ${createHash("sha1").update(body).digest("hex")}`;
}

function makeFolder(directory: string): void {
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
