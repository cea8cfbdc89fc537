import type { Run } from "../protocol/types.ts";
import type { ProcessIdentity } from "../util/process-identity.ts";
import type { ThrowAways } from "./plugins/testing/throw-away.ts";
import type { FindGpus, FindTools } from "./ports/capture.ts";
import type { PluginKit } from "./ports/plugin-kit.ts";
import type { PluginContent } from "./ports/plugins.ts";
import type { OpenProject, ProjectFactory } from "./project/open-project.ts";
import { createProjectAccess, type ProjectAccess } from "./project/project-access.ts";
import { createQueueWorker, type QueueWorker } from "./queue/claim.ts";
import { type ActiveRun, type ActiveRuns, createActiveRuns } from "./runs/active-runs.ts";
import type { ExecutionContext } from "./runs/execution.ts";
import { answerJournalRequest } from "./runs/journal-requests.ts";
import { createReconciler, type Reconciler } from "./runs/reconciler.ts";
import { createRunControl, type RunControl } from "./runs/run-control.ts";
import type { EndFacts } from "./runs/run-end.ts";
import type { RunEvents } from "./runs/run-events.ts";
import type { RunSession } from "./runs/run-session.ts";
import { createRunStarter, type Detach, type RunStarter } from "./runs/run-starter.ts";
import { createUnfinishedRuns } from "./runs/unfinished-runs.ts";
import { finishPurges } from "./store/purge-records.ts";

/** A run of this engine; recorded ones can be finished by their client. */
export interface OwnedRun extends ActiveRun {
  readonly session?: RunSession;
  readonly finish?: (end: EndFacts) => Promise<Run>;
  readonly abandon?: () => Promise<void>;
}

/** What the use cases need besides their params. */
export interface ServiceOptions {
  /** Folder the connection began in. */
  readonly start: string;
  readonly factory: ProjectFactory;
  readonly events: RunEvents;
  /** The environment that commands inherit. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The process's standard streams are the user's, not the connection's. */
  readonly hasTerminal: boolean;
  readonly findTools: FindTools;
  readonly findGpus: FindGpus;
  readonly detach: Detach;
  readonly pluginKit: PluginKit;
  /** Reads a plugin's folder as installing it would. */
  readonly readPluginFolder: (directory: string) => Promise<PluginContent>;
  readonly makeThrowAways: () => Promise<ThrowAways>;
  /** Identity of the process behind the connection, for runs that a script records. */
  clientProcess(): Promise<ProcessIdentity>;
}

/** The use cases' shared state for one connection. */
export interface Services {
  readonly access: ProjectAccess;
  readonly factory: ProjectFactory;
  readonly active: ActiveRuns<OwnedRun>;
  readonly starter: RunStarter;
  readonly worker: QueueWorker;
  readonly options: ServiceOptions;
  /** The current project with what runs need; dead runs have their status before it resolves. */
  project(): Promise<ProjectScope>;
  /** What runs of a project need, without looking after dead ones. */
  scope(project: OpenProject): ProjectScope;
  /** Ends recorded runs whose client has left, finishes what was begun, and closes the project. */
  close(): Promise<void>;
}

export interface ProjectScope {
  readonly project: OpenProject;
  readonly context: ExecutionContext;
  readonly control: RunControl;
  readonly reconciler: Reconciler;
}

export function createServices(options: ServiceOptions): Services {
  const access = createProjectAccess(options.start, options.factory);
  const active = createActiveRuns<OwnedRun>();
  const leaving: (() => Promise<void>)[] = [];
  const scopes = new WeakMap<OpenProject, ProjectScope>();

  const warn = (error: Error): void => options.events.warn(error.message);

  const begun = new WeakMap<OpenProject, Promise<void>>();

  /** Asked for by many calls at once, done once. */
  function onceFor(project: OpenProject, work: (project: OpenProject) => Promise<void>): Promise<void> {
    let known = begun.get(project);
    if (!known) {
      known = work(project);
      known.catch(() => begun.delete(project));
      begun.set(project, known);
    }
    return known;
  }

  function scopeOf(project: OpenProject): ProjectScope {
    const known = scopes.get(project);
    if (known) return known;
    const context: ExecutionContext = {
      project,
      events: options.events,
      environment: options.environment,
      hasTerminal: options.hasTerminal,
      answer: (runId, method, params, asker) => answerJournalRequest(project, asker, runId, method, params),
      unfinished: createUnfinishedRuns(),
      beforeLeaving: (work) => leaving.push(work),
    };
    const reconciler = createReconciler(context, active);
    const scope = { project, context, reconciler, control: createRunControl(context, active, reconciler) };
    scopes.set(project, scope);
    return scope;
  }

  return {
    access,
    factory: options.factory,
    active,
    starter: createRunStarter(active, options.detach),
    worker: createQueueWorker(active),
    options,
    scope: scopeOf,
    async project() {
      const scope = scopeOf(await access.current());
      await onceFor(scope.project, finishPurges);
      await scope.reconciler.statuses();
      return scope;
    },
    async close() {
      for (const run of active.all()) await run.abandon?.().catch(warn);
      await active.settled();
      await Promise.all(leaving.map((work) => work().catch(warn)));
      const project = await access.currentIfAny().catch(() => undefined);
      const scope = project && scopes.get(project);
      await scope?.reconciler.settled().catch(warn);
      for (const error of scope?.context.unfinished.untold() ?? []) warn(error);
      await access.close();
    },
  };
}
