import { join } from "node:path";
import { errors } from "../../protocol/errors.ts";
import { LIMIT_BYTES, tooLarge, WARN_BYTES } from "./checkpointer.ts";
import { errorCode, type Files } from "./files.ts";
import { parseLayout, snapshotFile } from "./layout.ts";
import { isOnNetwork } from "./network.ts";
import type { ProblemLog } from "./problems.ts";
import { listSnapshots } from "./snapshots.ts";

export interface ProjectGuardOptions {
  readonly files: Files;
  /** `.datmo` */
  readonly directory: string;
  readonly problems: ProblemLog;
  readonly now: () => number;
  readonly limitBytes: number | undefined;
}

/** What must hold before a project is read or written, looked at as rarely as possible. */
export class ProjectGuard {
  readonly #options: ProjectGuardOptions;
  #isProject = false;
  #network: boolean | undefined;
  #size: { readonly bytes: number; readonly at: number } | undefined;

  constructor(options: ProjectGuardOptions) {
    this.#options = options;
  }

  /** Throws PROJECT_NOT_FOUND, PROJECT_DAMAGED or FORMAT_NEWER. */
  assertProject(): void {
    if (this.#isProject) return;
    const { files, directory } = this.#options;
    try {
      parseLayout(files.readFileSync(join(directory, "format")).toString("utf8"));
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
      throw errors.PROJECT_NOT_FOUND({ directory });
    }
    this.#isProject = true;
  }

  /** True on a network drive, which the user is told once. */
  isPatient(): boolean {
    const { files, directory, problems } = this.#options;
    this.#network ??= isOnNetwork(files, directory);
    if (this.#network) problems.add(errors.NETWORK_DRIVE());
    return this.#network;
  }

  /** Throws PROJECT_TOO_LARGE when no new runs may be added. */
  assertRoom(): void {
    const { files, directory, problems, now, limitBytes = LIMIT_BYTES } = this.#options;
    if (!this.#size || Math.abs(now() - this.#size.at) > LOOK_EVERY_MS) {
      const newest = listSnapshots(files, directory)[0];
      const facts = newest && files.statSync(join(directory, "snap", snapshotFile(newest)));
      this.#size = { bytes: facts ? facts.size : 0, at: now() };
    }
    const { bytes } = this.#size;
    if (bytes >= limitBytes) throw tooLarge(bytes, limitBytes);
    if (bytes > WARN_BYTES) problems.add(tooLarge(bytes), "size");
  }
}

const LOOK_EVERY_MS = 60_000;
