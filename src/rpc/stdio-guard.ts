/*
 * stdout belongs to the protocol: one line that a dependency prints there is garbage between two frames, and the
 * client waits for ever for the answer that it spoiled. This module must be the first import of the engine's entry
 * file: imports are evaluated in order, and whoever looks at `process.stdout` or prints through the global console
 * after this gets stderr.
 */
import { syncBuiltinESMExports } from "node:module";

/** The real stdout, for the frame writer alone. */
export const protocolOutput: NodeJS.WriteStream = process.stdout;

Object.defineProperty(process, "stdout", { configurable: true, enumerable: true, get: () => process.stderr });
// For `import { stdout } from "node:process"`.
syncBuiltinESMExports();
