/**
 * What is wrong with a path that somebody who is not trusted gives for a file in a folder of ours; undefined when
 * nothing is. Slashes between; it leads nowhere else, and is nobody's configuration.
 */
export function plainPathProblem(path: string): string | undefined {
  const shown = JSON.stringify(path.slice(0, 200));
  if (path === "" || path.length > 1000) return `${shown} is no path of a file`;
  if (/[\x00-\x1f\x7f\\]/.test(path)) return `${shown} holds characters that no path may`;
  for (const part of path.split("/")) {
    if (part === "" || part === "." || part === "..") return `${shown} leads out of its folder`;
    // Names that a file system may take for others: of git, datmo and the shell's secrets.
    if (/^(\.git|\.datmo|git~\d+)$/i.test(part.normalize("NFKC").replace(/[\u200b-\u200f\ufeff. ]+$/u, "")))
      return `${shown} has a name that is kept for others`;
    if (new TextEncoder().encode(part).length > 255) return `${shown} has a name of more than 255 bytes`;
  }
  return undefined;
}
