import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { openEngine } from "../../src/engine.ts";
import type { Method, MethodMap } from "../../src/protocol/methods.ts";
import { validateNotification, validateResult } from "../../src/protocol/result-validators.js";
import { validateParams } from "../../src/protocol/validators.js";
import type { ContainerEngine } from "../../src/services/ports/containers.ts";

/** A real engine on a real project in a temporary folder, called without a connection in between. */
export interface TestEngine {
  readonly directory: string;
  /** Calls a method; params and result are held against the protocol. */
  call<M extends Method>(
    method: M,
    params: MethodMap[M]["params"],
    signal?: AbortSignal,
  ): Promise<MethodMap[M]["result"]>;
  readonly notifications: { method: string; params: Record<string, unknown> }[];
  readonly warnings: string[];
  close(): Promise<void>;
}

export interface TestEngineOptions {
  readonly directory?: string;
  readonly variables?: Readonly<Record<string, string | undefined>>;
  readonly processId?: number;
  readonly containers?: ContainerEngine;
}

/** Opens an engine on `directory`, or on a new temporary folder with a project in it. */
export async function openTestEngine(options: TestEngineOptions = {}): Promise<TestEngine> {
  const directory = options.directory ?? (await temporaryFolder());
  const notifications: TestEngine["notifications"] = [];
  const warnings: string[] = [];
  const parts = await openEngine(
    {
      initialize: {
        protocolVersion: 1,
        client: { name: "test", version: "0" },
        processId: options.processId ?? process.pid,
      },
      notify(method, params) {
        const validate = validateNotification[method as keyof typeof validateNotification];
        if (validate && !validate(params)) throw new Error(`${method}: ${JSON.stringify(validate.errors)}`);
        notifications.push({ method, params: params as Record<string, unknown> });
      },
      wants: () => true,
      log: (level, message) => {
        if (level === "warn" || level === "error") warnings.push(message);
      },
    },
    {
      directory,
      variables: options.variables ?? process.env,
      engineFile: resolve("dist/engine.js"),
      ...(options.containers ? { containers: options.containers } : {}),
    },
  );
  const engine: TestEngine = {
    directory,
    notifications,
    warnings,
    async call(method, params, signal = new AbortController().signal) {
      const check = validateParams[method as keyof typeof validateParams];
      if (!check(params)) throw new Error(`${method} params: ${JSON.stringify(check.errors)}`);
      const handler = parts.handlers[method] as (params: unknown, ctx: unknown) => Promise<object>;
      const notify = (): void => undefined;
      const result = await handler(params, {
        signal,
        progress: () => undefined,
        notify,
        log: () => undefined,
      });
      const sound = validateResult[method as keyof typeof validateResult];
      if (!sound(result)) throw new Error(`${method} result: ${JSON.stringify(sound.errors)}`);
      return result as never;
    },
    close: () => parts.close(),
  };
  if (options.directory === undefined) await engine.call("project.create", {});
  return engine;
}

/** An empty folder under the system's temporary one. */
export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "datmo-test-"));
}

/** Closes the engine and removes its folder. */
export async function removeTestEngine(engine: TestEngine): Promise<void> {
  await engine.close();
  await rm(engine.directory, { recursive: true, force: true, maxRetries: 3 });
}
