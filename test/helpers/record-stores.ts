import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RecordKind, RecordStore } from "../../src/services/ports/records.ts";
import { nodeFiles } from "../../src/store/db/files.ts";
import { createStoreLayout } from "../../src/store/db/layout.ts";
import { openRecordStore, type RecordStoreOptions } from "../../src/store/db/record-store.ts";

/** A `.datmo` folder with an empty store, and the stores a test opened on it. */
export class TempProject {
  readonly directory: string;
  readonly #root: string;
  readonly #stores: RecordStore[] = [];

  private constructor(root: string) {
    this.#root = root;
    this.directory = join(root, ".datmo");
  }

  static async create(parent: string = tmpdir()): Promise<TempProject> {
    const project = new TempProject(await mkdtemp(join(parent, "datmo-store-")));
    await createStoreLayout(project.directory);
    return project;
  }

  /** Checkpoints run in this thread, which spares their start; give `nodeFiles` for the real thing. */
  open(options: Omit<RecordStoreOptions, "directory"> = {}): RecordStore {
    const store = openRecordStore({ directory: this.directory, files: { ...nodeFiles }, ...options });
    this.#stores.push(store);
    return store;
  }

  /** Closes every store, without checkpoints worth mentioning, and removes the folder. */
  async remove(): Promise<void> {
    for (const store of this.#stores) await store.close().catch(() => {});
    await rm(this.#root, { recursive: true, force: true });
  }
}

const KINDS: readonly RecordKind[] = ["project", "environment", "task", "run", "snapshot"];

/** Everything a store holds, deleted records too, in one comparable form. */
export async function dump(store: RecordStore): Promise<string> {
  const lines: string[] = [];
  for (const kind of KINDS) {
    for (const record of await store.list(kind, { includeDeleted: true, order: "oldest" })) {
      const fields = Object.entries(record.fields).sort(([a], [b]) => (a < b ? -1 : 1));
      lines.push(JSON.stringify([kind, record.id, record.createdAt, record.deleted, fields]));
    }
  }
  return lines.sort().join("\n");
}

/** What a fresh store on the same folder holds. */
export async function freshDump(project: TempProject): Promise<string> {
  const store = project.open({ readonly: true });
  try {
    return await dump(store);
  } finally {
    await store.close();
  }
}

/** A run's creation, as small as they come. */
export function newRun(id: string, more: Record<string, string | number | boolean> = {}) {
  return {
    kind: "run" as const,
    id,
    set: { createdAt: "2026-01-02T03:04:05.000Z", status: "running", ...more },
  };
}
