/*
 * Loading one of Node's modules takes 1 to 4 ms, and bundled code asks for all it may need before it begins. These
 * are loaded when something of them is first used, which in most processes is never.
 */

const LATE = ["child_process", "crypto", "perf_hooks", "readline", "v8", "worker_threads", "zlib"];
const NAMESPACE = "late-builtin";

/** An esbuild plugin. */
export const lateBuiltins = {
  name: "late-builtins",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: new RegExp(`^(node:)?(${LATE.join("|")})$`) }, ({ path, namespace }) => {
      const module = path.startsWith("node:") ? path : `node:${path}`;
      return namespace === NAMESPACE
        ? { path: module, external: true }
        : { path: module, namespace: NAMESPACE };
    });
    onLoad({ filter: /^/, namespace: NAMESPACE }, async ({ path }) => ({ contents: await lateModule(path) }));
  },
};

async function lateModule(path) {
  const names = Object.keys((await import(path)).default);
  return `let loaded;
for (const name of ${JSON.stringify(names)})
  Object.defineProperty(exports, name, { enumerable: true, get: () => (loaded ??= require(${JSON.stringify(path)}))[name] });`;
}
