import type { Command } from "commander";
import type { EngineNotification } from "../protocol/methods.ts";
import type { Call } from "./call.ts";
import type { OptionalValues } from "./optional-values.ts";

/** One command: what it takes and what it does. */
export interface CommandModule {
  /** Declares arguments and options. */
  define(command: Command): void;
  /** Spellings of options from the first datmo, accepted and not shown: `{"--run-id": "--run"}`. */
  /** Options whose value may be left out, where a word that is no value may follow. */
  readonly optionalValues?: OptionalValues;
  /** Notifications that the engine sends only to those who ask for them. */
  readonly wants?: readonly EngineNotification[];
  readonly aliases?: Readonly<Record<string, string>>;
  /** Resolves with the exit code; throws what `failure.ts` reports. */
  run(call: Call): Promise<number>;
}
