import { mkdir, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { PluginAudit } from "../../services/ports/plugins.ts";
import { appendLine } from "../../util/append-line.ts";

/** Above this a new file is begun; the one before it is kept. */
const MOST_BYTES = 1024 * 1024;

/** `.datmo/plugins/audit.jsonl`: what plugins were denied. */
export function openAudit(file: string): PluginAudit {
  return async (line) => {
    try {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      const size = await stat(file).then(
        (facts) => facts.size,
        () => 0,
      );
      if (size > MOST_BYTES) await rename(file, `${file}.1`);
      await appendLine(file, JSON.stringify({ v: 1, at: new Date().toISOString(), ...line }));
    } catch {
      // What was denied stays denied, whether it can be written down or not.
    }
  };
}
