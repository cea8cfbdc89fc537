/*
 * Everything in one file. The launchers (`datmo.js`, `engine.js`) run it from V8's compiled code and say which
 * program it is; a program's modules are evaluated when they are first imported, not before.
 */

export type ProgramName = "datmo" | "engine";

/** Starts one of the programs in this process. */
export function start(name: ProgramName): void {
  // A failure here is a rejection that nobody handles: the process ends with its stack.
  void (name === "engine" ? import("./engine.ts") : import("./datmo.ts"));
}
