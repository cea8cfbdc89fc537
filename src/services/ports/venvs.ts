import type { PackageFact } from "./capture.ts";
import type { WorkOptions } from "./snapshots.ts";

export interface VenvRequest {
  /**
   * Lock files by name; the first of these counts for Python: `python-packages.txt` (everything that was installed,
   * `name==version` a line), `uv.lock`, `requirements.txt`, `environment.yml` (its pip part). `renv.lock` is for R.
   */
  readonly files: ReadonlyMap<string, Buffer>;
  /** Version of Python: `3.12` takes any patch release, `3.12.4` prefers that one. Absent: the first one found. */
  readonly python?: string;
  /** Absolute path of the Python that it is made for, in place of `python`. Absent: one is found. */
  readonly interpreter?: string;
  /** Folder that programs are looked for from, for version managers that go by it. */
  readonly directory: string;
}

/** A venv that is ready: nothing is written into it any more. */
export interface Venv {
  /** Hash of lock and interpreter. */
  readonly key: string;
  /** Absolute path of the Python environment. Absent: the definition has none. */
  readonly directory?: string;
  readonly python?: { readonly executable: string; readonly version: string };
  /** Absent: the definition has no R packages. */
  readonly r?: { readonly executable: string; readonly version: string; readonly library: string };
  readonly platform: string;
  /** What made it, with its version. */
  readonly tool: string;
  readonly packages: { readonly python: readonly PackageFact[]; readonly r: readonly PackageFact[] };
  readonly bytes: number;
  readonly createdAt: string;
  /** What one should know: versions that are not pinned, packages that were left out. */
  readonly notes: readonly string[];
}

/** Exact packages without a container engine, in the user's cache, shared by all runs and projects. */
export interface Venvs {
  /**
   * The venv of this request, made when it is not there. Two who ask at once wait for one; one that was killed while
   * making it is taken over from. Aborting ends the work within a second and leaves nothing. Throws
   * PYTHON_NOT_FOUND, PACKAGES_UNAVAILABLE, VENV_FAILED, R_NOT_AVAILABLE, LOCK_FILE_INVALID.
   */
  make(
    request: VenvRequest,
    options?: WorkOptions & { readonly output?: (text: string) => void; readonly again?: boolean },
  ): Promise<{ readonly venv: Venv; readonly made: boolean }>;
  /** The venv when it is ready; nothing is made. */
  find(request: VenvRequest): Promise<Venv | undefined>;
}
