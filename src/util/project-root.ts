import { stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

/** The nearest folder upwards that holds a `.datmo` folder; undefined when there is none. */
export async function findProjectRoot(from: string): Promise<string | undefined> {
  for (let directory = resolve(from); ; directory = dirname(directory)) {
    if (await isProject(directory)) return directory;
    if (dirname(directory) === directory) return undefined;
  }
}

/** A project that may not be entered is one too: opening it says why it cannot be read. */
function isProject(directory: string): Promise<boolean> {
  return stat(join(directory, ".datmo", "format")).then(
    (facts) => facts.isFile(),
    (error: NodeJS.ErrnoException) => error.code === "EACCES",
  );
}
