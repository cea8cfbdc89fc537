import { abortOnSignal } from "../abort-on-signal.ts";
import type { CommandModule } from "../command-module.ts";
import { count, plain, shortId } from "../render/text.ts";

interface Options {
  readonly force?: boolean;
}

export const snapshotCheckout: CommandModule = {
  define(command) {
    command
      .argument("<snapshot>", "id, label or unique beginning of an id")
      .option(
        "--force",
        "save unsaved work as a snapshot first, and move files in the way to .datmo/displaced",
      );
  },
  async run(call) {
    const { force } = call.options<Options>();
    const interrupt = abortOnSignal(call.host);
    try {
      const result = await call.request(
        "snapshot.checkout",
        { id: call.args[0] ?? "", ...(force ? { force } : {}) },
        { signal: interrupt.signal, progress: true },
      );
      const { snapshot, saved, written, removed, displaced } = result;
      await call.answer(
        result,
        () =>
          `The folder is at snapshot ${shortId(snapshot.id)} ${plain(snapshot.message)}: ${count(written, "file")} written, ${removed} removed.`,
      );
      if (call.json) return 0;
      if (saved)
        await call.note(`What was there before is saved: datmo snapshot checkout ${shortId(saved.id)}`);
      if (displaced.length > 0)
        await call.note(`Moved to .datmo/displaced: ${displaced.map(plain).join(", ")}`);
    } finally {
      interrupt.end();
    }
    return 0;
  },
};
