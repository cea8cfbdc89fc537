/**
 * Where the code of a worker thread lies. In the built engine every worker is an entry file beside the
 * chunks (`dist/<name>.js`); when the sources run directly it is the TypeScript file beside the caller.
 */
export function workerUrl(callerUrl: string, name: string): URL {
  return new URL(`./${name}.${callerUrl.endsWith(".ts") ? "ts" : "js"}`, callerUrl);
}
