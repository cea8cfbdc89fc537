import type { Command } from "commander";
import type { Call } from "./call.ts";

/** One command: what it takes and what it does. */
export interface CommandModule {
  /** Declares arguments and options. */
  define(command: Command): void;
  /** Spellings of options from the first datmo, accepted and not shown: `{"--run-id": "--run"}`. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Resolves with the exit code; throws what `failure.ts` reports. */
  run(call: Call): Promise<number>;
}
