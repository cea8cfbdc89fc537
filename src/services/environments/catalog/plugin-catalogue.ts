import { plainPathProblem } from "../../../domain/plain-path.ts";
import { errors } from "../../../protocol/errors.ts";
import { askPlugin } from "../../plugins/ask-plugin.ts";
import type { Provider } from "../../plugins/providers.ts";
import type { Catalogue } from "../../ports/catalogue.ts";
import type { OpenProject } from "../../project/open-project.ts";

/** Files of a definition are text that lies there already. */
const ANSWER_MS = 20_000;

/** The catalogue that a plugin provides. */
export function pluginCatalogue(project: OpenProject, { plugin, provides }: Provider): Catalogue {
  const { name: pluginName } = plugin.content.manifest;
  const { name = "" } = provides;
  return {
    plugin: pluginName,
    async entries(signal) {
      const call = { name: "environment.entries", params: { name } } as const;
      return (await askPlugin(project, plugin, call, { timeoutMs: ANSWER_MS, signal })).entries;
    },
    async files(framework, { type, language }, signal) {
      const call = { name: "environment.files", params: { name, framework, type, language } } as const;
      const { files } = await askPlugin(project, plugin, call, { timeoutMs: ANSWER_MS, signal });
      for (const path of Object.keys(files)) {
        const problem = plainPathProblem(path);
        if (problem !== undefined)
          throw errors.PLUGIN_ANSWER({ name: pluginName, call: call.name, problem: `the path ${problem}` });
      }
      return new Map(Object.entries(files));
    },
  };
}
