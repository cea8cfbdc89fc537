import { abortOnSignal } from "../abort-on-signal.ts";
import type { CommandModule } from "../command-module.ts";
import { transferText } from "../render/share-summary.ts";
import { plain } from "../render/text.ts";

export const syncPull: CommandModule = {
  define(command) {
    command.argument(
      "[remote]",
      "a git repository: path or address; the one of the last time when not given",
    );
  },
  async run(call) {
    const [remote] = call.args;
    const interrupt = abortOnSignal(call.host);
    try {
      const params = remote === undefined ? {} : { remote };
      const result = await call.request("store.pull", params, { signal: interrupt.signal, progress: true });
      const from = plain(result.remote);
      await call.answer(result, () =>
        result.nothingNew ? `Nothing new from ${from}.` : `Taken in from ${from}: ${transferText(result)}.`,
      );
      return 0;
    } finally {
      interrupt.end();
    }
  },
};
