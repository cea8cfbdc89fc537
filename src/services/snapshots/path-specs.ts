import { realpath, stat } from "node:fs/promises";
import { basename, isAbsolute, relative, resolve, sep } from "node:path";
import { errors } from "../../protocol/errors.ts";

/**
 * Turns `SRC` and `SRC>NAME` into names and places; every source must exist and every name be legal and new.
 * `within`: folders in one of which each source must lie, links followed; of the project's own, nothing in `.datmo`.
 */
export async function resolvePathSpecs(
  directory: string,
  specs: readonly string[],
  within?: readonly string[],
): Promise<{ name: string; source: string }[]> {
  const entries: { name: string; source: string }[] = [];
  const names = new Set<string>();
  for (const spec of specs) {
    const parts = spec.split(">");
    if (parts.length > 2) throw errors.PATH_INVALID({ path: spec, reason: "there is more than one >" });
    const given = (parts[0] ?? "").trim();
    const source = resolve(directory, given);
    const name = destination(spec, parts[1]?.trim() ?? basename(source));
    if (given === "") throw errors.PATH_INVALID({ path: spec, reason: "it names no file" });
    if (!(await exists(source))) throw errors.PATH_NOT_FOUND({ path: given });
    if (within && !(await liesIn(within, source))) {
      throw errors.PATH_INVALID({
        path: given,
        reason: "it lies outside the project and the run's own folder",
      });
    }
    if (names.has(name)) throw errors.PATH_DUPLICATE({ name });
    names.add(name);
    entries.push({ name, source });
  }
  return entries;
}

/** A name inside a component: relative, without `.` and `..`, never `.git` or `.datmo`. */
export function destination(spec: string, name: string): string {
  const refuse = (reason: string): Error => errors.PATH_INVALID({ path: spec, reason });
  if (name === "") throw refuse("its name is empty");
  if (name.startsWith("/") || /^[A-Za-z]:[\\/]/.test(name)) throw refuse("its name is absolute");
  const keys = name.replace(/\/+$/, "").split("/");
  for (const key of keys) {
    if (key === "" || key === "." || key === "..") throw refuse("its name leads out of the component");
    if (/^\.(git|datmo)$/i.test(key)) throw refuse(`${key} is not a name for a kept file`);
  }
  return keys.join("/");
}

/** What may not be looked at is there: why it cannot be taken is told when it is read. */
function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== "ENOENT" && error.code !== "ENOTDIR",
  );
}

async function liesIn(folders: readonly string[], source: string): Promise<boolean> {
  const real = await realpath(source).catch(() => undefined);
  if (real === undefined) return false;
  for (const folder of folders) {
    const inside = relative(await realpath(folder).catch(() => folder), real);
    const isInside = inside !== ".." && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
    if (isInside && inside.split(sep)[0] !== ".datmo") return true;
  }
  return false;
}
