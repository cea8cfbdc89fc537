import type { FileEntry, FileSource, SnapshotStore, WorkOptions } from "../ports/snapshots.ts";
import { plainOptions } from "../work-options.ts";

/** A files component: its tree and what is in it. */
export interface FilesState {
  readonly treeId: string;
  readonly files: readonly FileEntry[];
  readonly unstable: readonly string[];
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

/** Takes files and puts them over a component; what stays of it still knows where it lay. */
export async function filesOver(
  store: SnapshotStore,
  base: FilesState | undefined,
  sources: readonly FileSource[],
  options: WorkOptions & { readonly root?: string } = {},
): Promise<FilesState> {
  if (!base) return store.captureFiles(sources, options);
  const taken = await store.captureFiles(sources, {
    ...options,
    ...plainOptions(options),
    base: base.treeId,
  });
  const names = new Set(sources.map(({ name }) => name));
  const before = new Map(base.files.map((file) => [file.path, file.source]));
  const fresh = new Set<string>();
  for (const { path, source } of taken.files) {
    if (source !== undefined && isOf(names, path)) fresh.add(source);
  }
  const files = taken.files.map((file): FileEntry => {
    if (isOf(names, file.path)) return file;
    const source = before.get(file.path);
    // A place belongs to what was kept from it last.
    return source === undefined || fresh.has(source) ? file : { ...file, source };
  });
  const stays = ({ path }: { path: string }): boolean => !isOf(names, path);
  return {
    treeId: taken.treeId,
    files,
    unstable: [...base.unstable.filter((path) => stays({ path })), ...taken.unstable],
    skipped: [...base.skipped.filter(stays), ...taken.skipped],
  };
}

/** True when the path is one of the names or lies below one. */
function isOf(names: ReadonlySet<string>, path: string): boolean {
  if (names.has(path)) return true;
  for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) {
    if (names.has(path.slice(0, at))) return true;
  }
  return false;
}

/** For files of another folder than the project's own. */
export function fromRoot(
  options: WorkOptions,
  root: string | undefined,
): WorkOptions & { readonly root?: string } {
  return { ...plainOptions(options), ...(root === undefined ? {} : { root }) };
}
