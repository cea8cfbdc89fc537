import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Worker, type WorkerOptions } from "node:worker_threads";
import { workerUrl } from "./worker-url.ts";

/**
 * Starts the worker thread `name`; see `workerUrl`. When the sources run directly, a thread does not inherit
 * what makes Node understand TypeScript, so it is given a start that asks for it first.
 */
export function startWorker(callerUrl: string, name: string, options: WorkerOptions = {}): Worker {
  const url = workerUrl(callerUrl, name);
  if (!callerUrl.endsWith(".ts")) return new Worker(url, options);
  const loader = pathToFileURL(createRequire(callerUrl).resolve("tsx/esm/api")).href;
  const code = `import(${JSON.stringify(loader)}).then((tsx) => { tsx.register(); return import(${JSON.stringify(url.href)}); })`;
  return new Worker(code, { ...options, eval: true });
}
