import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { PluginFailures, PluginHealth } from "../../services/ports/plugins.ts";
import { writeFileAtomic } from "../../util/atomic-file.ts";
import { readSmallFile } from "../../util/safe-files.ts";

const LIMIT_BYTES = 1024 * 1024;
type Entry = PluginFailures & { readonly hash: string };

/** `<cache folder>/plugin-health/<project id>.json`. Losing it forgets failures, and nothing else. */
export function openHealth(file: string): PluginHealth {
  async function write(entries: Readonly<Record<string, Entry>>): Promise<void> {
    try {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await writeFileAtomic(file, `${JSON.stringify({ v: 1, plugins: entries })}\n`, { sync: false });
    } catch {
      // A full disk must not make a failing plugin everybody's failure.
    }
  }

  return {
    async read(name, hash) {
      const entry = (await readAll(file))[name];
      return entry?.hash === hash ? entry : undefined;
    },
    async failed(name, hash, reason) {
      const entries = await readAll(file);
      const before = entries[name];
      const failures = (before?.hash === hash ? before.failures : 0) + 1;
      const entry = { hash, failures, reason: reason.slice(0, 500), at: Date.now() };
      await write({ ...entries, [name]: entry });
      return entry;
    },
    async forget(name) {
      const { [name]: gone, ...others } = await readAll(file);
      if (gone) await write(others);
    },
  };
}

async function readAll(file: string): Promise<Record<string, Entry>> {
  try {
    const bytes = await readSmallFile(file, LIMIT_BYTES);
    const { plugins } = JSON.parse(bytes?.toString("utf8") ?? "{}") as { plugins?: Record<string, Entry> };
    return plugins ?? {};
  } catch {
    return {};
  }
}
