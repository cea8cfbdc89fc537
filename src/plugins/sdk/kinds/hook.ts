import type { HookEventName } from "../types.ts";
import type { Kind } from "./kind.ts";

export const hook: Kind = {
  provided: ({ hooks = {} }) => Object.keys(hooks).map((event) => `hook ${event}`),
  answers: ({ hooks = {} }, datmo) => ({
    async "hook.deliver"({ event, events }, context) {
      await hooks[event as HookEventName]?.(events as never, datmo, context);
      return {};
    },
  }),
};
