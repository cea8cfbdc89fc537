import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type FileSystem, removeIfThere, syncFolderNow, writeFully } from "./files/file-system.ts";

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

/**
 * Makes the hidden git directory, or what is missing of it. `HEAD` comes last: with it the directory is complete.
 * Two processes at once write the same.
 */
export function initGitDirectory(fs: FileSystem, directory: string): void {
  if (fs.lstatSync(join(directory, "HEAD"), { throwIfNoEntry: false })) return;
  for (const folder of ["", ...FOLDERS])
    fs.mkdirSync(join(directory, folder), { recursive: true, mode: 0o700 });
  const files = {
    config: configText(probe(fs, join(directory, "datmo", "tmp"))),
    "info/attributes": ATTRIBUTES,
    description: "Snapshots of a datmo project.\n",
    HEAD: "ref: refs/heads/datmo\n",
  };
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory, name);
    if (!fs.lstatSync(path, { throwIfNoEntry: false })) writeOnce(fs, path, text);
  }
  syncFolderNow(fs, directory);
}

/** What was found out when the store was made; read back from its configuration. */
export function readAbilities(fs: FileSystem, directory: string): Abilities {
  const text = fs.readFileSync(join(directory, "config")).toString("utf8");
  const isOn = (name: string): boolean => new RegExp(`^\\s*${name}\\s*=\\s*true\\s*$`, "im").test(text);
  return { fileModes: isOn("filemode"), links: isOn("symlinks"), ignoresCase: isOn("ignorecase") };
}

function writeOnce(fs: FileSystem, path: string, text: string): void {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.lock`;
  const fd = fs.openSync(temporary, "wx", 0o600);
  try {
    writeFully(fs, fd, Buffer.from(text));
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
  fs.renameSync(temporary, path);
}

function probe(fs: FileSystem, directory: string): Abilities {
  const name = `probe-${randomBytes(6).toString("hex")}`;
  const file = join(directory, name);
  const link = `${file}-link`;
  fs.closeSync(fs.openSync(file, "wx", 0o600));
  fs.chmodSync(file, 0o700);
  const fileModes = (fs.statSync(file).mode & 0o100) !== 0 && process.platform !== "win32";
  const other = join(directory, name.toUpperCase());
  const ignoresCase = fs.lstatSync(other, { throwIfNoEntry: false }) !== undefined;
  let links = true;
  try {
    fs.symlinkSync(name, link);
  } catch {
    links = false;
  }
  removeIfThere(fs, link);
  removeIfThere(fs, file);
  return { fileModes, links, ignoresCase };
}

/** No deltas and no large packs when a user repacks: every object is then read in one step. Ours are made by a collection. */
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
[pack]
\twindow = 0
\tpackSizeLimit = 256m
[filter "lfs"]
\tclean = git-lfs clean -- %f
\tsmudge = git-lfs smudge -- %f
\tprocess = git-lfs filter-process
\trequired = true
`;
}
