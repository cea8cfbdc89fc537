import type { EnvironmentEntriesResult } from "../../../protocol/types.ts";
import type { Datmo } from "../types.ts";
import type { Kind } from "./kind.ts";

/** What a person chose of a catalogue's entry. */
export interface EnvironmentChoice {
  readonly framework: string;
  readonly type: "cpu" | "gpu";
  /** Language and version, as in the entry. */
  readonly language: string;
}

/** Environments that `datmo environment setup` can set up. */
export interface EnvironmentCatalogue {
  /** The default first. */
  entries(datmo: Datmo): Promise<EnvironmentEntriesResult["entries"]> | EnvironmentEntriesResult["entries"];
  /** Text of each file by its path in the environment folder; a Dockerfile is among them. */
  files(
    choice: EnvironmentChoice,
    datmo: Datmo,
  ): Promise<{ readonly [path: string]: string }> | { readonly [path: string]: string };
}

export const environment: Kind = {
  provided: ({ environments = {} }) => Object.keys(environments).map((name) => `environment ${name}`),
  answers: ({ environments = {} }, datmo) => ({
    async "environment.entries"({ name }) {
      return { entries: (await environments[name]?.entries(datmo)) ?? [] };
    },
    async "environment.files"({ name, framework, type, language }) {
      const choice = { framework, type, language } as EnvironmentChoice;
      return { files: (await environments[name]?.files(choice, datmo)) ?? {} };
    },
  }),
};
