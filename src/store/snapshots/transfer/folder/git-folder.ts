import { join, resolve } from "node:path";
import { errors } from "../../../../protocol/errors.ts";
import { type FileSystem, readIfThere } from "../../files/file-system.ts";

/**
 * The git directory at a path, found as git does: the folder itself or its `.git`, also when that is a file that
 * points elsewhere. Throws REMOTE_NOT_FOUND.
 */
export function findGitFolder(fs: FileSystem, path: string, shown: string): string {
  for (const candidate of [path, join(path, ".git"), `${path}.git`]) {
    const found = gitFolderAt(fs, candidate);
    if (found !== undefined) return found;
  }
  const isThere = fs.statSync(path, { throwIfNoEntry: false }) !== undefined;
  const reason = isThere ? "it is not a git repository" : "there is no such folder";
  throw errors.REMOTE_NOT_FOUND({ remote: shown, reason });
}

/** The setting by which a repository keeps its objects or references in another way than usual. */
export function unusualSetting(fs: FileSystem, gitDirectory: string): string | undefined {
  const config = readIfThere(fs, join(gitDirectory, "config"))?.toString("utf8") ?? "";
  const pattern = /^\s*(objectformat|refstorage|partialclone)\s*=\s*(?!sha1\s*$|files\s*$)(.*)$/im;
  return pattern.exec(config)?.[0].trim();
}

function gitFolderAt(fs: FileSystem, path: string): string | undefined {
  const facts = fs.statSync(path, { throwIfNoEntry: false });
  if (facts?.isFile()) {
    const target = /^gitdir: (.+)$/m.exec(fs.readFileSync(path).toString("utf8", 0, 4096))?.[1];
    return target === undefined ? undefined : gitFolderAt(fs, resolve(path, "..", target.trim()));
  }
  if (!facts?.isDirectory()) return undefined;
  if (fs.statSync(join(path, "HEAD"), { throwIfNoEntry: false }) === undefined) return undefined;
  // A working tree of its own shares everything with the repository that it was added to.
  const common = readIfThere(fs, join(path, "commondir"))?.toString("utf8").trim();
  const folder = common ? resolve(path, common) : path;
  const hasObjects = fs.statSync(join(folder, "objects"), { throwIfNoEntry: false })?.isDirectory();
  return hasObjects ? folder : undefined;
}
