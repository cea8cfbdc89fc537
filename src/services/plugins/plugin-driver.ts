import { resolve } from "node:path";
import { isWithin, realOf } from "../../util/real-path.ts";
import type { RemoteRunner } from "../ports/drivers.ts";
import type { OpenProject } from "../project/open-project.ts";
import { askPlugin } from "./ask-plugin.ts";
import type { Provider } from "./providers.ts";

/** Code has to travel. */
const START_MS = 10 * 60_000;
const ANSWER_MS = 60_000;

/** Carries out commands by a plugin's driver. */
export function pluginRunner(project: OpenProject, { plugin, provides }: Provider): RemoteRunner {
  const { name = "" } = provides;
  const limit = { timeoutMs: ANSWER_MS };
  return {
    async start(task) {
      const { command } = task;
      const words = command.kind === "argv" ? [...command.argv] : command.text;
      const params = { ...task, name, command: words };
      const call = { name: "driver.start", params } as const;
      return (await askPlugin(project, plugin, call, { timeoutMs: START_MS })).handle;
    },
    async poll(handle, outputFrom, waitMs) {
      const call = { name: "driver.poll", params: { name, handle, outputFrom, waitMs } } as const;
      const { output, exitCode } = await askPlugin(project, plugin, call, limit);
      return { output: Buffer.from(output, "base64"), ...(exitCode === undefined ? {} : { exitCode }) };
    },
    async signal(handle, signal) {
      await askPlugin(project, plugin, { name: "driver.signal", params: { name, handle, signal } }, limit);
    },
    async *files(handle) {
      let cursor: string | undefined;
      do {
        const params = { name, handle, ...(cursor === undefined ? {} : { cursor }) };
        const page = await askPlugin(project, plugin, { name: "driver.fetch", params }, limit);
        for (const { folder, path, content, more = false, executable = false } of page.files) {
          const allowed = folder === "task" || (await isAllowed(project, plugin, path));
          const refused = allowed ? {} : { refused: `the plugin was not granted to write ${path}` };
          yield { folder, path, content: Buffer.from(content, "base64"), more, executable, ...refused };
        }
        cursor = page.cursor;
      } while (cursor !== undefined);
    },
    async remove(handle) {
      await askPlugin(project, plugin, { name: "driver.remove", params: { name, handle } }, limit);
    },
  };
}

/** What it leaves in the project it could as well have written itself. */
async function isAllowed(
  { directory }: OpenProject,
  { all, permissions }: Provider["plugin"],
  path: string,
): Promise<boolean> {
  if (all) return true;
  const wanted = await realOf(resolve(directory, path));
  const inside = !isWithin(await realOf(resolve(directory, ".datmo")), wanted);
  for (const granted of inside ? permissions.write : [])
    if (isWithin(await realOf(resolve(directory, granted)), wanted)) return true;
  return false;
}
