import type { CallContext } from "../domain/call-context.ts";
import type { Handlers } from "../protocol/methods.ts";
import { callPlugin } from "../services/plugins/call-plugin.ts";
import { createPlugin } from "../services/plugins/new/create-plugin.ts";
import {
  getPlugin,
  grantPlugin,
  installPlugin,
  listPlugins,
  removePlugin,
  revokePlugin,
  startPlugin,
} from "../services/plugins/plugin-service.ts";
import { testPlugin } from "../services/plugins/testing/test-plugin.ts";
import type { Services } from "../services/services.ts";

type Noun =
  | "plugin.install"
  | "plugin.list"
  | "plugin.get"
  | "plugin.grant"
  | "plugin.revoke"
  | "plugin.remove"
  | "plugin.call"
  | "plugin.create"
  | "plugin.start"
  | "plugin.test";

export function pluginMethods(s: Services): Pick<Handlers<CallContext>, Noun> {
  return {
    "plugin.install": async (params) => installPlugin(await s.access.current(), s.options.start, params),
    "plugin.list": async () => ({ items: await listPlugins(await s.access.current()) }),
    "plugin.get": async ({ name }) => getPlugin(await s.access.current(), name),
    "plugin.grant": async (params) => ({ plugin: await grantPlugin(await s.access.current(), params) }),
    "plugin.revoke": async ({ name }) => ({ plugin: await revokePlugin(await s.access.current(), name) }),
    "plugin.remove": async ({ name }) => ({ name: await removePlugin(await s.access.current(), name) }),
    "plugin.create": async (params) => createPlugin(s.options.pluginKit, s.options.start, params),
    "plugin.start": async ({ name }) => ({ plugin: await startPlugin(await s.access.current(), name) }),
    "plugin.test": async (params, ctx) => testPlugin(s.options, s.options.start, params, ctx),
    "plugin.call": async (params, ctx) => callPlugin(await s.access.current(), params, ctx.signal),
  };
}
