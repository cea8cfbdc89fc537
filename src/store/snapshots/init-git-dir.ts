import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { errorCode, type FileSystem, removeIfThere, syncFolder, writeFully } from "./file-system.ts";

const FOLDERS = [
  "info",
  "objects/info",
  "objects/pack",
  "refs/heads",
  "refs/tags",
  "refs/datmo/snapshots",
  "lfs/objects",
  "lfs/tmp",
  "datmo/active",
  "datmo/tmp",
];

/** First line: bytes as they are, whatever the user's own attributes say. A line per big file follows. */
const ATTRIBUTES = "* -text -ident -filter -working-tree-encoding\n";

/** What the file system of a store can do. */
export interface Abilities {
  readonly fileModes: boolean;
  readonly links: boolean;
  readonly ignoresCase: boolean;
}

/** Makes the hidden git directory in one step, unless it is there. Two processes at once are fine. */
export function initGitDirectory(fs: FileSystem, directory: string): void {
  if (fs.lstatSync(join(directory, "HEAD"), { throwIfNoEntry: false })) return;
  const prepared = `${directory}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    prepare(fs, prepared);
    fs.renameSync(prepared, directory);
    syncFolder(fs, join(directory, ".."));
  } catch (error) {
    fs.rmSync(prepared, { recursive: true, force: true });
    if (!["ENOTEMPTY", "EEXIST", "EPERM"].includes(errorCode(error))) throw error;
    if (!fs.lstatSync(join(directory, "HEAD"), { throwIfNoEntry: false })) throw error;
  }
}

/** What was found out when the store was made; read back from its configuration. */
export function readAbilities(fs: FileSystem, directory: string): Abilities {
  const text = fs.readFileSync(join(directory, "config")).toString("utf8");
  const isOn = (name: string): boolean => new RegExp(`^\\s*${name}\\s*=\\s*true\\s*$`, "im").test(text);
  return { fileModes: isOn("filemode"), links: isOn("symlinks"), ignoresCase: isOn("ignorecase") };
}

function prepare(fs: FileSystem, directory: string): void {
  fs.mkdirSync(directory, { mode: 0o700 });
  for (const folder of FOLDERS) fs.mkdirSync(join(directory, folder), { recursive: true, mode: 0o700 });
  const abilities = probe(fs, join(directory, "datmo", "tmp"));
  writeNew(fs, join(directory, "config"), configText(abilities));
  writeNew(fs, join(directory, "info", "attributes"), ATTRIBUTES);
  writeNew(fs, join(directory, "description"), "Snapshots of a datmo project.\n");
  writeNew(fs, join(directory, "HEAD"), "ref: refs/heads/datmo\n");
  syncFolder(fs, directory);
}

function writeNew(fs: FileSystem, path: string, text: string): void {
  const fd = fs.openSync(path, "wx", 0o600);
  try {
    writeFully(fs, fd, Buffer.from(text));
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

function probe(fs: FileSystem, directory: string): Abilities {
  const file = join(directory, "probe");
  const link = join(directory, "probe-link");
  writeNew(fs, file, "");
  fs.chmodSync(file, 0o700);
  const fileModes = (fs.statSync(file).mode & 0o100) !== 0 && process.platform !== "win32";
  const ignoresCase = fs.lstatSync(join(directory, "PROBE"), { throwIfNoEntry: false }) !== undefined;
  let links = true;
  try {
    fs.symlinkSync("probe", link);
  } catch {
    links = false;
  }
  removeIfThere(fs, link);
  removeIfThere(fs, file);
  return { fileModes, links, ignoresCase };
}

function configText({ fileModes, links, ignoresCase }: Abilities): string {
  return `[core]
\trepositoryformatversion = 0
\tbare = false
\tworktree = ../..
\tfilemode = ${fileModes}
\tsymlinks = ${links}
\tignorecase = ${ignoresCase}
\tautocrlf = false
\tlogallrefupdates = false
[gc]
\tauto = 0
[maintenance]
\tauto = false
[filter "lfs"]
\tclean = git-lfs clean -- %f
\tsmudge = git-lfs smudge -- %f
\tprocess = git-lfs filter-process
\trequired = true
`;
}
