import type { JsonObject } from "../../../util/json.ts";

/** A language that plugins are made in by `plugin.create`. */
export type Language = "typescript" | "python" | "r";

export const LANGUAGES: readonly Language[] = ["typescript", "python", "r"];

/** What a plugin of some kind begins with. All of it works as it is. */
export interface Template {
  /** What the example does, in a line. */
  readonly description: string;
  provides(name: string): readonly JsonObject[];
  /** What the example needs; absent: nothing. */
  readonly permissions?: JsonObject;
  /** Text of the main file. A language that is absent has no example of this kind. */
  readonly main: { readonly [L in Language]?: (name: string) => string };
  /** Test of the TypeScript, for `deno test`. */
  unitTest(name: string): string;
  /** Tests of `tests.json`; of all languages. None: there is no such file. */
  cases(name: string): readonly object[];
  /** What it or its tests reach is more than the project: testing it has to be allowed. Absent: it is not. */
  readonly reaches?: true;
  /** How it is used once it is granted, as a command line. */
  use(name: string): string;
}

/** A name as the key of an object. */
export function keyOf(name: string): string {
  return /^[a-z][a-z0-9]*$/.test(name) ? name : JSON.stringify(name);
}

/** A run with one point, without running anything. */
export function recorded(name: string, acc: number): object[] {
  return [
    { request: "run.create", params: { name }, as: name },
    {
      request: "metric.log",
      params: {
        runId: `{${name}.run.id}`,
        points: { name: ["acc"], step: [1], value: [acc], at: [1767225600] },
      },
    },
    { request: "run.finish", params: { id: `{${name}.run.id}`, status: "succeeded" } },
  ];
}
