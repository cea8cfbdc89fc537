/* The second page of the composition root: what a project has for its plugins. */
import { join } from "node:path";
import { BUILTIN_PLUGINS } from "./builtin/registry.ts";
import type { CallContext } from "./domain/call-context.ts";
import { errors } from "./protocol/errors.ts";
import { protocolVersion } from "./protocol/methods.ts";
import type { EngineParts } from "./rpc/dispatch.ts";
import { expectedError } from "./rpc/error-mapping.ts";
import type { Log } from "./rpc/logger.ts";
import { invalidParams, type Validator } from "./rpc/param-problems.ts";
import type { Session } from "./rpc/server.ts";
import { createHooks, NO_HOOKS } from "./services/hooks/hooks.ts";
import { type CallMethod, createEngineAccess } from "./services/plugins/engine-access.ts";
import type { PluginParts } from "./services/plugins/plugin-parts.ts";
import type { Hooks, StartDeliverer } from "./services/ports/hooks.ts";
import type { PluginKit } from "./services/ports/plugin-kit.ts";
import type { PluginHost } from "./services/ports/plugins.ts";
import type { ServiceOptions } from "./services/services.ts";
import { openHookOutbox } from "./store/journal/hook-outbox.ts";
import { openAudit } from "./store/plugins/audit-file.ts";
import { openGrants } from "./store/plugins/grants-file.ts";
import { openHealth } from "./store/plugins/health-file.ts";
import { openPluginStore } from "./store/plugins/plugin-store.ts";
import type { Variables } from "./util/executables.ts";
import { lazyObject } from "./util/lazy-object.ts";
import { cacheFolder, configFolder } from "./util/user-folders.ts";
import { version } from "./util/version.ts";

export interface PluginPlaces {
  readonly projectId: string;
  readonly directory: string;
  /** `.datmo`. */
  readonly datmo: string;
  readonly variables: Variables;
  /** How a plugin's calls of the engine are carried out. */
  readonly callMethod: CallMethod;
  /** Told what plugins print. Absent: nobody wants to know. */
  readonly heard?: (name: string, text: string) => void;
}

export function pluginParts({
  projectId,
  directory,
  datmo,
  variables,
  callMethod,
  heard,
}: PluginPlaces): PluginParts {
  const [config, cache] = [configFolder(variables), cacheFolder(variables)];
  const audit = openAudit(join(datmo, "plugins", "audit.jsonl"));
  return {
    builtins: BUILTIN_PLUGINS,
    outbox: openHookOutbox(join(datmo, "hooks")),
    store: openPluginStore(join(datmo, "plugins")),
    grants: openGrants(join(config, "grants", `${projectId}.json`)),
    health: openHealth(join(cache, "plugin-health", `${projectId}.json`)),
    host: lazyObject<PluginHost>(
      async () =>
        (await import("./plugins/plugin-host.ts")).createPluginHost({
          project: directory,
          cache: join(cache, "plugins"),
          forbidden: [datmo, config],
          variables,
          answer: createEngineAccess({ projectDirectory: directory, callMethod, audit }),
          ...(heard ? { heard } : {}),
        }),
      {},
    ),
  };
}

/** What those need who write plugins; no project is needed for it. */
export function pluginTools(variables: Variables): Pick<ServiceOptions, "pluginKit" | "readPluginFolder"> {
  return {
    pluginKit: lazyObject<PluginKit>(
      async () => (await import("./plugins/kit.ts")).createPluginKit(variables),
      {},
    ),
    readPluginFolder: (directory) => openPluginStore("").readFolder(directory),
  };
}

/** What raises events in a project; nothing where hooks are off. */
export function projectHooks(
  directory: string,
  { outbox, grants, health }: PluginParts,
  { engineFile, variables }: { readonly engineFile: string; readonly variables: Variables },
): Hooks {
  if (variables["DATMO_HOOKS"] === "off") return NO_HOOKS;
  const startDeliverer: StartDeliverer = async (project) =>
    (await import("./drivers/host/deliverer-process.ts")).createDelivererStarter(
      engineFile,
      variables,
    )(project);
  return createHooks({ directory, outbox, grants, health, startDeliverer });
}

/** Calls methods of the engine in its own process: the same checks and errors as over a connection. */
export function methodCaller(
  parts: {
    readonly handlers: Readonly<
      Record<string, (params: never, context: CallContext) => object | Promise<object>>
    >;
    readonly validateParams: Readonly<Record<string, Validator>>;
  },
  log: Log,
): CallMethod {
  return async (method, params, signal) => {
    const [handler, validate] = [parts.handlers[method], parts.validateParams[method]];
    if (!handler || !validate) throw errors.METHOD_NOT_FOUND({ method });
    if (!validate(params)) throw invalidParams(method, validate);
    const context: CallContext = { signal, progress: () => undefined, notify: () => undefined, log };
    try {
      return await handler(params as never, context);
    } catch (error) {
      throw expectedError(error, { cancelled: signal.aborted, method, log });
    }
  };
}

/** An engine without a client, opened by the first call: for processes that serve no connection. */
export function engineBeside(open: (session: Session) => Promise<EngineParts>): {
  readonly callMethod: CallMethod;
  close(): Promise<void>;
} {
  const log: Log = () => undefined;
  const client = { name: "datmo-supervisor", version };
  const initialize = { protocolVersion, client };
  let engine: Promise<EngineParts> | undefined;
  return {
    async callMethod(method, params, signal) {
      engine ??= open({ initialize, notify: () => undefined, wants: () => false, log });
      return methodCaller(await engine, log)(method, params, signal);
    },
    async close() {
      const opened = await engine?.catch(() => undefined);
      await opened?.close();
    },
  };
}
