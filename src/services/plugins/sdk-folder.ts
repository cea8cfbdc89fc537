import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type PluginKit, SDK_FOLDER } from "../ports/plugin-kit.ts";

/** The SDK's sources in a plugin's folder, where its `deno.json` points to: for editors and `deno check`. */
export async function writeSdk(directory: string, kit: PluginKit): Promise<void> {
  for (const [path, text] of await kit.sdk()) {
    const to = join(directory, SDK_FOLDER, path);
    await mkdir(dirname(to), { recursive: true });
    await writeFile(to, text);
  }
}

/** Brings them up to date in a folder that was made by `plugin.create`: they come with no clone. */
export async function refreshSdk(directory: string, kit: PluginKit): Promise<void> {
  const settings = await readFile(join(directory, "deno.json"), "utf8").catch(() => "");
  if (!settings.includes(`./${SDK_FOLDER}/`)) return;
  await writeSdk(directory, kit).catch((error: NodeJS.ErrnoException) => {
    // It may be somebody else's folder; nothing that is run needs it.
    if (!["EACCES", "EPERM", "EROFS"].includes(error.code ?? "")) throw error;
  });
}
