import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errors } from "../../protocol/errors.ts";
import type { PluginContent, PluginStore } from "../../services/ports/plugins.ts";
import { syncFolder } from "../../util/atomic-file.ts";
import { readSmallFile } from "../../util/safe-files.ts";
import { readPluginFolder } from "./plugin-folder.ts";

/** Beside the plugin's own files. */
const NOTE = "installed.json";
const NAME = /^[a-z][a-z0-9-]{0,49}$/;

/** The plugins in a folder, which is made when the first one is installed. */
export function openPluginStore(directory: string): PluginStore {
  const place = (name: string): string => join(directory, name);

  return {
    async readFolder(folder) {
      const facts = await stat(folder).catch(() => undefined);
      if (!facts?.isDirectory()) throw errors.DIRECTORY_NOT_FOUND({ directory: folder });
      return readPluginFolder(folder, folder);
    },
    async names() {
      const names = await readdir(directory).catch(noneThere);
      return names.filter((name) => NAME.test(name)).sort();
    },
    async read(name) {
      if (!NAME.test(name)) return undefined;
      const note = await readNote(join(place(name), NOTE));
      if (!note) return undefined;
      const content = await readPluginFolder(join(place(name), "files"), name);
      if (content.manifest.name !== name) {
        throw errors.PLUGIN_INVALID({ name, reason: `its manifest calls it ${content.manifest.name}` });
      }
      return { content, ...note };
    },
    async stamp(name) {
      if (!NAME.test(name)) return undefined;
      const facts = await stat(join(place(name), NOTE), { bigint: true }).catch(() => undefined);
      return facts && `${facts.ino} ${facts.mtimeNs} ${facts.size}`;
    },
    async install(content, source, installedAt) {
      const { name } = content.manifest;
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const [made, replaced] = ["new", "old"].map(
        (end) => `${place(name)}.${randomBytes(6).toString("hex")}.${end}`,
      );
      try {
        await writeFiles(join(made as string, "files"), content);
        await writeFile(join(made as string, NOTE), `${JSON.stringify({ v: 1, installedAt, source })}\n`, {
          mode: 0o600,
        });
        await rename(place(name), replaced as string).catch(ignoreMissing);
        await rename(made as string, place(name));
        await syncFolder(directory);
      } finally {
        for (const left of [made, replaced]) await rm(left as string, { recursive: true, force: true });
      }
    },
    async remove(name) {
      if (!NAME.test(name)) return;
      const gone = `${place(name)}.${randomBytes(6).toString("hex")}.old`;
      await rename(place(name), gone).catch(ignoreMissing);
      await rm(gone, { recursive: true, force: true });
    },
  };
}

async function writeFiles(directory: string, { files }: PluginContent): Promise<void> {
  for (const { path, content } of files) {
    const to = join(directory, path);
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    await writeFile(to, content, { mode: 0o600, flag: "wx" });
  }
}

async function readNote(path: string): Promise<{ installedAt: string; source: string } | undefined> {
  try {
    const bytes = await readSmallFile(path, 64 * 1024);
    if (!bytes) return undefined;
    const note = JSON.parse(bytes.toString("utf8")) as { installedAt?: unknown; source?: unknown };
    return { installedAt: String(note.installedAt), source: String(note.source) };
  } catch (error) {
    // Its folder is no folder, or what lies there is nothing of ours.
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR" || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function noneThere(error: NodeJS.ErrnoException): string[] {
  if (error.code === "ENOENT") return [];
  throw error;
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
