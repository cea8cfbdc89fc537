import { statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { UserGitFacts } from "../../services/ports/capture.ts";
import { findExecutable } from "../../util/executables.ts";
import { runBounded } from "./bounded-process.ts";
import type { CaptureContext } from "./context.ts";
import { parseGitConfig, remoteAddress } from "./git-config.ts";
import { readRegularFile } from "./regular-file.ts";
import { withoutCredentials } from "./url-credentials.ts";

/** The files of one repository: a working tree's own, and those that all working trees share. */
interface GitFolders {
  readonly own: string;
  readonly shared: string;
}

const LARGEST_REFS = 256 << 20;
const LARGEST_FILE = 4 << 20;
const MOST_HOPS = 5;
const OBJECT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** The state of the user's own repository around the project, read from its files; git is not started. */
export async function userGitFacts(context: CaptureContext): Promise<UserGitFacts | undefined> {
  const folders = findRepository(context.projectDirectory);
  if (folders === undefined) return undefined;
  const config = parseGitConfig(text(join(folders.shared, "config")));
  // A reftable repository keeps its references in binary tables that only git reads.
  const isTable = config.get("extensions.refstorage") === "reftable";
  const head = isTable ? await askGit(context) : readHead(folders);
  if (head === undefined) return undefined;
  const remote = remoteAddress(config, head.branch);
  return { ...head, ...(remote && { remote: withoutCredentials(remote) }) };
}

interface Head {
  readonly commit: string;
  readonly branch?: string;
}

function readHead(folders: GitFolders): Head | undefined {
  const name = /^ref: refs\/heads\/(.+)$/.exec(text(join(folders.own, "HEAD")).trim())?.[1];
  const commit = resolveRef(folders, "HEAD");
  return commit === undefined ? undefined : { commit, ...(name && { branch: name }) };
}

function resolveRef(folders: GitFolders, name: string, hops = 0): string | undefined {
  if (hops > MOST_HOPS || name.split("/").includes("..")) return undefined;
  const loose = text(join(folders.own, name)).trim() || text(join(folders.shared, name)).trim();
  if (OBJECT_ID.test(loose)) return loose;
  const next = /^ref: (.+)$/.exec(loose)?.[1];
  return next === undefined ? packedRef(folders, name) : resolveRef(folders, next, hops + 1);
}

function packedRef(folders: GitFolders, name: string): string | undefined {
  const packed = readRegularFile(join(folders.shared, "packed-refs"), LARGEST_REFS);
  const at = packed?.indexOf(` ${name}\n`) ?? -1;
  if (packed === undefined || at === -1) return undefined;
  const id = packed.toString("latin1", packed.lastIndexOf("\n", at) + 1, at);
  return OBJECT_ID.test(id) ? id : undefined;
}

/** The nearest folder upward with a `.git`: a folder, or a file that points to one. */
function findRepository(directory: string): GitFolders | undefined {
  for (let folder = resolve(directory); ; folder = dirname(folder)) {
    const own = gitFolderIn(folder);
    if (own !== undefined) {
      const shared = text(join(own, "commondir")).trim();
      return { own, shared: shared === "" ? own : resolve(own, shared) };
    }
    if (dirname(folder) === folder) return undefined;
  }
}

function gitFolderIn(folder: string): string | undefined {
  const path = join(folder, ".git");
  const pointer = /^gitdir: (.+)$/m.exec(text(path))?.[1];
  const target = pointer === undefined ? path : resolve(folder, pointer.trim());
  try {
    return statSync(join(target, "HEAD"), { throwIfNoEntry: false })?.isFile() ? target : undefined;
  } catch {
    return undefined;
  }
}

async function askGit(context: CaptureContext): Promise<Head | undefined> {
  const program = findExecutable("git", context.variables, context.projectDirectory);
  if (program === undefined) return undefined;
  const outcome = await runBounded({
    program,
    arguments: ["rev-parse", "HEAD", "--abbrev-ref", "HEAD"],
    environment: { ...context.variables, GIT_OPTIONAL_LOCKS: "0" },
    directory: context.projectDirectory,
    timeoutMs: context.timeoutMs,
  });
  const [commit = "", branch = "HEAD"] = outcome?.stdout.toString("utf8").split("\n") ?? [];
  if (outcome?.exitCode !== 0 || !OBJECT_ID.test(commit)) return undefined;
  return { commit, ...(branch !== "HEAD" && { branch }) };
}

function text(path: string): string {
  return readRegularFile(path, LARGEST_FILE)?.toString("utf8") ?? "";
}
