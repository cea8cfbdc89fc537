import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createCapture } from "../../src/drivers/capture/capture.ts";
import { createVenvs } from "../../src/drivers/venv/venvs.ts";
import { NO_HOOKS } from "../../src/services/hooks/hooks.ts";
import type { ContainerEngine } from "../../src/services/ports/containers.ts";
import type { OpenProject } from "../../src/services/project/open-project.ts";
import { createStoreLayout, readLayout } from "../../src/store/db/layout.ts";
import { openRecordStore } from "../../src/store/db/record-store.ts";
import { openContentKeys } from "../../src/store/snapshots/content-keys.ts";
import { openSnapshotStore } from "../../src/store/snapshots/snapshot-store.ts";
import { temporaryFolder } from "./engine.ts";

/** A project with real records and snapshots in a temporary folder, for use cases that need no more of it. */
export interface TestProject {
  readonly project: OpenProject;
  close(): Promise<void>;
}

export async function openTestProject(
  containers: ContainerEngine,
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Promise<TestProject> {
  const directory = await temporaryFolder();
  const datmo = join(directory, ".datmo");
  await createStoreLayout(datmo);
  const { project: id } = await readLayout(datmo);
  const records = openRecordStore({ directory: datmo, onProblem: () => undefined });
  const snapshots = openSnapshotStore({ projectDirectory: directory, datmoDirectory: datmo });
  const project = {
    id,
    directory,
    datmo,
    records,
    snapshots,
    containers,
    hooks: NO_HOOKS,
    contentKeys: openContentKeys(join(datmo, "git")),
    capture: createCapture({ projectDirectory: directory, environment: variables }),
    venvs: createVenvs({ variables, cacheDirectory: join(directory, "venvs") }),
  } as Partial<OpenProject> as OpenProject;
  return {
    project,
    async close() {
      await snapshots.close();
      await records.close();
      await rm(directory, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
