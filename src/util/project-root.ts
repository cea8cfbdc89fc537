import { stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

/** The nearest folder upwards that holds a `.datmo` folder; undefined when there is none. */
export async function findProjectRoot(from: string): Promise<string | undefined> {
  for (let directory = resolve(from); ; directory = dirname(directory)) {
    const there = await stat(join(directory, ".datmo", "format")).catch(() => undefined);
    if (there?.isFile()) return directory;
    if (dirname(directory) === directory) return undefined;
  }
}
