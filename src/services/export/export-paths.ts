const MOST_NAME_BYTES = 255;

/** Why a path may not be written in the folder of an export; undefined when it may. */
export function pathProblem(path: string): string | undefined {
  if (path.startsWith("/")) return "it is absolute";
  if (/[\\\x00-\x1f\x7f]/.test(path)) return "it has a character that names of files must not have";
  for (const name of path.split("/")) {
    if (name === "") return "a name in it is empty";
    if (name === "." || name === "..") return "it leaves its folder";
    if (/^\.(git|datmo)(\W|$)/i.test(name)) return "it belongs to somebody else";
    if (Buffer.byteLength(name) > MOST_NAME_BYTES) return "a name in it is too long";
  }
  return undefined;
}
