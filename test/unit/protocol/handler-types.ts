/* Not run: `tsc` reads it and fails when something below does compile that must not. */
import type { Handlers, ServiceMethod } from "../../../src/protocol/methods.ts";

type AllButOne = Omit<Handlers<null>, "run.get">;

// @ts-expect-error a handler is missing
export const missing: (handlers: AllButOne) => Handlers<null> = (handlers) => handlers;

// @ts-expect-error there is no such method
export type Extra = Handlers<null>["run.fly"];

// @ts-expect-error plumbing has no handler
export const plumbing: ServiceMethod = "initialize";

export const tooMany: Partial<Handlers<null>> = {
  // @ts-expect-error a handler of no method
  "run.fly": () => ({}),
};

export const wrongResult: Partial<Handlers<null>> = {
  // @ts-expect-error `clean` is a boolean
  "store.fsck": () => ({ clean: "yes", problems: [], objects: [] }),
};

export const wrongParams: Partial<Handlers<null>> = {
  // @ts-expect-error `run.wait` takes `id`
  "run.wait": ({ runId }) => runId,
};
