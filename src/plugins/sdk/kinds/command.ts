import type { Json } from "../../../protocol/types.ts";
import type { Kind } from "./kind.ts";

export const command: Kind = {
  provided: ({ commands = {} }) => Object.keys(commands).map((name) => `command ${name}`),
  answers: ({ commands = {} }, datmo) => ({
    async "command.call"({ name, params }, context) {
      return { result: ((await commands[name]?.(params, datmo, context)) ?? null) as Json };
    },
  }),
};
