import type { SnapshotCheckoutResult } from "../../protocol/types.ts";
import { abortOnSignal } from "../abort-on-signal.ts";
import type { CommandModule } from "../command-module.ts";
import { count, pairsText, plain, shortId } from "../render/text.ts";

interface Options {
  readonly force?: boolean;
}

/** Paths that are listed. */
const MOST_PATHS = 10;

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
      await call.answer(result, () => checkoutText(result));
      if (call.json) return 0;
      for (const note of notes(result)) await call.note(note);
    } finally {
      interrupt.end();
    }
    return 0;
  },
};

function checkoutText({ snapshot, written, removed, restored }: SnapshotCheckoutResult): string {
  const { id, message, config, metrics } = snapshot;
  const kept = restored.length > 0 ? ` (${count(restored.length, "kept file")} among them)` : "";
  const values = [
    Object.keys(config).length > 0 && `its config: ${pairsText(config)}`,
    Object.keys(metrics).length > 0 && `its metrics: ${pairsText(metrics)}`,
  ];
  return [
    `The folder is at snapshot ${shortId(id)} ${plain(message)}: ${count(written, "file")} written${kept}, ${removed} removed.`,
    ...values.filter((line) => line !== false),
  ].join("\n");
}

function notes({ snapshot, saved, displaced, notRestored }: SnapshotCheckoutResult): string[] {
  const lines: string[] = [];
  if (saved) lines.push(`What was there before is saved: datmo snapshot checkout ${shortId(saved.id)}`);
  if (displaced.length > 0) lines.push(`Moved to .datmo/displaced: ${listOf(displaced)}`);
  if (notRestored.length > 0) {
    const files = count(notRestored.length, "file");
    lines.push(
      `Kept outside the project, and not written: ${files} (${listOf(notRestored)}). Get them: datmo snapshot export ${shortId(snapshot.id)} DIR --files-only`,
    );
  }
  return lines;
}

function listOf(paths: readonly string[]): string {
  return paths.slice(0, MOST_PATHS).map(plain).join(", ") + (paths.length > MOST_PATHS ? ", …" : "");
}
