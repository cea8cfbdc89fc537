/* What a plugin's own tests import as "datmo-plugin/testing". */
import { type CallContext, type Datmo, DatmoError, type EngineMethod } from "./types.ts";

/** What a made-up engine answers: a result, or what makes one of the params. As much of it as the plugin looks at. */
export type Answers = { readonly [M in EngineMethod]?: object | ((params: Params) => unknown) };

// biome-ignore lint/suspicious/noExplicitAny: tests look at what they know.
type Params = Readonly<Record<string, any>>;

export interface FakeDatmo extends Datmo {
  /** What it was asked, in order. */
  readonly asked: readonly { readonly method: EngineMethod; readonly params: object }[];
}

/** An engine for tests; what it has no answer for is denied, as what was not granted. */
export function fakeDatmo(answers: Answers = {}): FakeDatmo {
  const asked: { method: EngineMethod; params: object }[] = [];
  const request = async (method: EngineMethod, params: object): Promise<unknown> => {
    asked.push({ method, params });
    const answer = answers[method];
    if (answer === undefined) {
      throw new DatmoError(`The plugin may not call ${method}.`, {
        kind: "PLUGIN_PERMISSION_DENIED",
        code: 1605,
      });
    }
    return typeof answer === "function" ? await answer(params as Params) : answer;
  };
  return { asked, request: request as Datmo["request"], projectDirectory: "/project", granted: {} };
}

/** The context of a call that nobody cancels. */
export function fakeContext(): CallContext {
  return { signal: new AbortController().signal };
}
