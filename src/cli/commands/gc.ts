import type { StoreGcResult } from "../../protocol/types.ts";
import { abortOnSignal } from "../abort-on-signal.ts";
import type { CommandModule } from "../command-module.ts";
import { tableText } from "../render/table.ts";
import { bytesText, count } from "../render/text.ts";
import type { Style } from "../style.ts";

interface Options {
  readonly dryRun?: boolean;
}

const KINDS: Readonly<Record<string, string>> = {
  runs: "deleted runs",
  snapshots: "deleted snapshots",
  objects: "objects",
  packs: "merged packs",
  bigFiles: "big files",
  leftovers: "half-written files",
  folders: "folders of runs that are gone",
};

export const gc: CommandModule = {
  define(command) {
    command.option("--dry-run", "only say what would go");
  },
  async run(call) {
    const { dryRun } = call.options<Options>();
    const interrupt = abortOnSignal(call.host);
    try {
      const params = dryRun ? { dryRun } : {};
      const result = await call.request("store.gc", params, { signal: interrupt.signal, progress: true });
      await call.answer(result, () => reportText(result, call.style));
      return 0;
    } finally {
      interrupt.end();
    }
  },
};

function reportText(
  { dryRun, collected, bytes, laterBytes, displaced }: StoreGcResult,
  style: Style,
): string {
  const rows = collected
    .filter(({ count: many, bytes: size }) => many > 0 || size !== 0)
    .map(({ kind, count: many, bytes: size }) => [KINDS[kind] ?? kind, String(many), bytesText(size)]);
  const columns = [
    { title: "what" },
    { title: "count", align: "right" },
    { title: "bytes", align: "right" },
  ] as const;
  const parts = rows.length > 0 ? [tableText(columns, rows, { style }), ""] : [];
  if (rows.length === 0) parts.push("Nothing is there that nothing needs.");
  else parts.push(dryRun ? `${bytesText(bytes)} would be freed.` : `${bytesText(bytes)} freed.`);
  if (laterBytes > 0) {
    parts.push(
      `${bytesText(laterBytes)} more can go with a later call: it is too new, or something under way may need it.`,
    );
  }
  if (displaced.count > 0) {
    const files = count(displaced.count, "file");
    parts.push(
      `.datmo/displaced holds ${files} of yours (${bytesText(displaced.bytes)}); only you remove them.`,
    );
  }
  return parts.join("\n");
}
