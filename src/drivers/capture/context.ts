import type { Variables } from "../../util/executables.ts";
import type { Json } from "../../util/json.ts";
import type { CacheFile } from "./cache-file.ts";

/** What every probe needs. */
export interface CaptureContext {
  readonly projectDirectory: string;
  readonly variables: Variables;
  /** Most time for one started program, and for reading the sources; milliseconds. */
  readonly timeoutMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** The cache file of a name; the same object each time. */
  readonly cache: <T extends Json>(name: string, version: number) => CacheFile<T>;
}
