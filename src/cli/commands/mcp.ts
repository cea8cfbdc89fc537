import { abortOnSignal } from "../abort-on-signal.ts";
import type { CommandModule } from "../command-module.ts";

interface Options {
  readonly allowExec?: boolean;
}

export const mcp: CommandModule = {
  define(command) {
    command.option("--allow-exec", "also serve what runs commands, which may do anything that you may");
  },
  async run(call) {
    const { signal, end } = abortOnSignal(call.host);
    try {
      const allowExec = call.options<Options>().allowExec === true;
      await call.host.serveMcp({ directory: call.projectDirectory, allowExec, signal });
      return 0;
    } finally {
      end();
    }
  },
};
