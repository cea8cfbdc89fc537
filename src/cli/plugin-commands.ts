import type { CommandNode } from "./commands.ts";

/** `datmo plugin …`. */
export const pluginCommands: CommandNode = {
  name: "plugin",
  summary: "extensions in a sandbox: install them, and say what they may do",
  children: [
    {
      name: "ls",
      summary: "list the installed plugins",
      methods: ["plugin.list"],
      load: async () => (await import("./commands/plugin-ls.ts")).pluginLs,
    },
    {
      name: "install",
      summary: "copy a plugin's folder into the project; nothing of it runs yet",
      methods: ["plugin.install"],
      load: async () => (await import("./commands/plugin-install.ts")).pluginInstall,
    },
    {
      name: "show",
      summary: "what a plugin provides, asks for and may do",
      methods: ["plugin.get"],
      load: async () => (await import("./commands/plugin-show.ts")).pluginShow,
    },
    {
      name: "grant",
      summary: "allow a plugin what it asks for, all of it or parts",
      methods: ["plugin.grant"],
      load: async () => (await import("./commands/plugin-grant.ts")).pluginGrant,
    },
    {
      name: "revoke",
      summary: "take back everything that was granted to a plugin",
      methods: ["plugin.revoke"],
      load: async () => (await import("./commands/plugin-grant.ts")).pluginRevoke,
    },
    {
      name: "new",
      summary: "write the folder of a new plugin that works, with tests",
      methods: ["plugin.create"],
      load: async () => (await import("./commands/plugin-new.ts")).pluginNew,
    },
    {
      name: "test",
      summary: "test a plugin's folder in projects that are made for it and thrown away",
      methods: ["plugin.test"],
      load: async () => (await import("./commands/plugin-test.ts")).pluginTest,
    },
    {
      name: "dev",
      summary: "install a plugin's folder again at each change, and show what it prints and answers",
      methods: ["plugin.call"],
      load: async () => (await import("./commands/plugin-dev.ts")).pluginDev,
    },
    {
      name: "call",
      summary: "call a command of a plugin",
      methods: ["plugin.call"],
      load: async () => (await import("./commands/plugin-call.ts")).pluginCall,
    },
    {
      name: "remove",
      summary: "remove a plugin and what was granted to it",
      methods: ["plugin.remove"],
      load: async () => (await import("./commands/plugin-grant.ts")).pluginRemove,
    },
  ],
};
