import { readdir, realpath } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";
import { errors } from "../protocol/errors.ts";
import { isWithin, realOf } from "../util/real-path.ts";

/** Links that are looked for without bubblewrap; a folder with more entries is not granted without it. */
const MOST_ENTRIES = 100_000;
const MOST_LINKS = 500;

/** A granted file or folder on this machine. */
export interface Place {
  /** As it is written, absolute; what the plugin uses. */
  readonly path: string;
  /** With all links resolved. */
  readonly real: string;
}

/**
 * Where granted paths lead now. A path inside the project must stay inside it: what it leads to may have been
 * changed since it was granted. Throws PLUGIN_INVALID.
 */
export async function resolvePlaces(
  name: string,
  project: string,
  paths: readonly string[],
): Promise<Place[]> {
  const root = await realpath(project);
  const places = paths.map(async (granted) => {
    const path = resolve(project, granted);
    const real = await realOf(path);
    // Said as an absolute path, it must be where it seems to be.
    const within = isAbsolute(granted) ? real === path || isWithin(root, real) : isWithin(root, real);
    if (within || granted.startsWith("../")) return { path, real };
    const reason = `${granted} leads to ${real}; grant that path when it is meant`;
    throw errors.PLUGIN_INVALID({ name, reason });
  });
  return Promise.all(places);
}

/**
 * Links in granted folders that lead out of all of them, or that lead nowhere: Deno follows them. Throws
 * PLUGIN_INVALID when there is too much to look at.
 */
export async function linksOut(
  name: string,
  places: readonly Place[],
  forbidden: readonly string[],
): Promise<string[]> {
  const found: string[] = [];
  let seen = 0;
  const tooMuch = (what: string): Error =>
    errors.PLUGIN_INVALID({
      name,
      reason: `a granted folder holds more than ${what}, and without bubblewrap each has to be looked at`,
    });

  async function look(directory: string): Promise<void> {
    for (const entry of await readdir(directory, { withFileTypes: true }).catch(() => [])) {
      const path = join(directory, entry.name);
      if (++seen > MOST_ENTRIES) throw tooMuch(`${MOST_ENTRIES} files`);
      if (forbidden.includes(path)) continue;
      if (entry.isDirectory()) await look(path);
      else if (entry.isSymbolicLink() && (await leadsOut(path))) found.push(path);
      if (found.length > MOST_LINKS) throw tooMuch(`${MOST_LINKS} links that lead out of it`);
    }
  }

  async function leadsOut(link: string): Promise<boolean> {
    const real = await realpath(link).catch(() => undefined);
    if (real === undefined || forbidden.some((place) => isWithin(place, real))) return true;
    return !places.some((place) => isWithin(place.real, real));
  }

  for (const { real } of places) await look(real);
  // The same entries under the names that the plugin may use for them.
  return found.flatMap((path) => [
    path,
    ...places.flatMap((place) =>
      place.path !== place.real && isWithin(place.real, path)
        ? [join(place.path, path.slice(place.real.length))]
        : [],
    ),
  ]);
}
