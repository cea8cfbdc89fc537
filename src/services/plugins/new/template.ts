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
  /** Tests of `tests.json`; of all languages. */
  cases(name: string): readonly object[];
  /** How it is used once it is granted, as a command line. */
  use(name: string): string;
}
