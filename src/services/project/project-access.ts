import { errors } from "../../protocol/errors.ts";
import type { OpenProject, ProjectFactory } from "./open-project.ts";

/** The connection's project: found from the start folder upwards, opened on first use, kept open. */
export interface ProjectAccess {
  /** Throws PROJECT_NOT_FOUND when there is none. */
  current(): Promise<OpenProject>;
  /** The project when there is one. */
  currentIfAny(): Promise<OpenProject | undefined>;
  /** Opens the project of this root folder and makes it the current one. */
  adopt(directory: string): Promise<OpenProject>;
  /** Folder the connection began in. */
  readonly start: string;
  /** Called once for every project that is opened, before anything is asked of it. */
  onOpen(listener: (project: OpenProject) => void): void;
  close(): Promise<void>;
}

export function createProjectAccess(start: string, factory: ProjectFactory): ProjectAccess {
  let opened: Promise<OpenProject> | undefined;
  const listeners: ((project: OpenProject) => void)[] = [];

  async function openAt(directory: string): Promise<OpenProject> {
    const project = await factory.open(directory);
    for (const listener of listeners) listener(project);
    return project;
  }

  async function currentIfAny(): Promise<OpenProject | undefined> {
    if (opened) return opened;
    const root = await factory.find(start);
    if (root === undefined) return undefined;
    opened ??= openAt(root);
    opened.catch(() => {
      opened = undefined;
    });
    return opened;
  }

  return {
    start,
    currentIfAny,
    async current() {
      const project = await currentIfAny();
      if (!project) throw errors.PROJECT_NOT_FOUND({ directory: start });
      return project;
    },
    async adopt(directory) {
      const before = await opened?.catch(() => undefined);
      if (before?.directory === directory) return before;
      if (before) await closeProject(before);
      opened = openAt(directory);
      return opened;
    },
    onOpen(listener) {
      listeners.push(listener);
    },
    async close() {
      const project = await opened?.catch(() => undefined);
      opened = undefined;
      if (project) await closeProject(project);
    },
  };
}

/** Ends what belongs to an open project, plugins first: they may still call back. */
export async function closeProject(project: OpenProject): Promise<void> {
  await project.hooks.close();
  await project.plugins.host.close();
  await project.series.close();
  await project.containers.close();
  await project.snapshots.close();
  await project.collector.close();
  await project.records.close();
}
