import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readHead, readRegularFile } from "../regular-file.ts";
import { withoutCredentials } from "../url-credentials.ts";

/** One installed distribution, as its metadata say. */
export type Distribution = {
  readonly name: string;
  readonly version: string;
  /** The `*.dist-info` or `*.egg-info` folder, or the single metadata file of an old installation. */
  readonly metadata: string;
  readonly source?: string;
  readonly editable?: true;
  /** What `pip` can install it from again, when that is no index: `git+https://…@commit`, an archive. */
  readonly requirement?: string;
};

const HEAD = 4_096;
const LARGEST = 4 << 20;

/**
 * The distributions in one folder of `sys.path`, sorted by folder name; broken ones are left out.
 * @param isSite False for folders of source code: what has metadata there is installed in place.
 */
export function readDistributions(folder: string, isSite: boolean): Distribution[] {
  if (folder.endsWith(".egg")) {
    const egg = readMetadata(join(folder, "EGG-INFO"), ["PKG-INFO"], "");
    return egg === undefined ? [] : [egg];
  }
  const found: Distribution[] = [];
  for (const name of listFolder(folder).sort()) {
    const read = readEntry(folder, name);
    if (read === undefined) continue;
    const inPlace = !isSite && name.endsWith(".egg-info");
    found.push(inPlace ? { ...read, source: folder, editable: true } : read);
  }
  return found;
}

/** Names are equal by PEP 503: case and the separators `-`, `_` and `.` do not matter. */
export function normalizedName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, "-");
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readEntry(folder: string, name: string): Distribution | undefined {
  // pip renames what it is removing to `~ame-1.0.dist-info`.
  if (name.startsWith("~") || name.startsWith(".")) return undefined;
  const path = join(folder, name);
  if (name.endsWith(".dist-info")) {
    const read = readMetadata(path, ["METADATA"], name);
    return read && { ...read, ...directUrl(path) };
  }
  return name.endsWith(".egg-info") ? readMetadata(path, ["PKG-INFO", ""], name) : undefined;
}

/** Name and version from the first of the files that there is, or else from the folder's name. */
function readMetadata(path: string, files: readonly string[], folderName: string): Distribution | undefined {
  for (const file of files) {
    const full = file === "" ? path : join(path, file);
    const head = readHead(full, HEAD);
    if (head === undefined) continue;
    const read = parseHeaders(head) ?? parseHeaders(readRegularFile(full, LARGEST) ?? head);
    if (read !== undefined) return { ...read, metadata: path };
    break;
  }
  const named = /^([A-Za-z0-9][\w.]*?)-(\d[\w.+!]*?)(?:-py\d[\w.]*)?\.(?:dist|egg)-info$/.exec(folderName);
  return named === null ? undefined : { name: named[1] ?? "", version: named[2] ?? "", metadata: path };
}

function parseHeaders(bytes: Buffer): { name: string; version: string } | undefined {
  const text = bytes.toString("utf8");
  const end = /\r?\n\r?\n/.exec(text)?.index;
  // Where the head was cut off, its last line may be cut as well.
  const headers = text.slice(0, end ?? (bytes.length === HEAD ? text.lastIndexOf("\n") : undefined));
  const name = /^name:[ \t]*([A-Za-z0-9][\w.-]*)[ \t]*\r?$/im.exec(headers)?.[1];
  const version = /^version:[ \t]*([\w.+!-]+)[ \t]*\r?$/im.exec(headers)?.[1];
  return name === undefined || version === undefined ? undefined : { name, version };
}

interface DirectUrl {
  readonly url?: unknown;
  readonly dir_info?: { readonly editable?: unknown };
  readonly vcs_info?: { readonly vcs?: unknown; readonly commit_id?: unknown };
  readonly archive_info?: unknown;
  readonly subdirectory?: unknown;
}

/** Where it was installed from (PEP 610). */
function directUrl(path: string): Pick<Distribution, "source" | "editable" | "requirement"> {
  const bytes = readRegularFile(join(path, "direct_url.json"), LARGEST);
  if (bytes === undefined) return {};
  // Packages of conda name the folder of the machine that built them.
  if (readHead(join(path, "INSTALLER"), 5)?.toString("latin1") === "conda") return {};
  try {
    return describeSource(JSON.parse(bytes.toString("utf8")) as DirectUrl);
  } catch {
    return {};
  }
}

function describeSource(direct: DirectUrl): Pick<Distribution, "source" | "editable" | "requirement"> {
  if (typeof direct.url !== "string") return {};
  const url = withoutCredentials(direct.url);
  if (direct.dir_info?.editable === true) return { source: url, editable: true };
  const below = typeof direct.subdirectory === "string" ? `#subdirectory=${direct.subdirectory}` : "";
  const { vcs, commit_id: commit } = direct.vcs_info ?? {};
  if (typeof vcs === "string" && typeof commit === "string") {
    const source = `${vcs}+${url}@${commit}${below}`;
    return { source, requirement: source };
  }
  return /^https?:/i.test(url) ? { source: url, requirement: url + below } : { source: url };
}
