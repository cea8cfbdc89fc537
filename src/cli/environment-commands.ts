import type { CommandNode } from "./commands.ts";

/** `datmo environment …`. */
export const environmentCommands: CommandNode = {
  name: "environment",
  summary: "where code runs: the machine as it is, exact packages, or a container image",
  children: [
    {
      name: "setup",
      summary: "write an environment of the catalogue into datmo_environment/",
      methods: ["environment.setup"],
      load: async () => (await import("./commands/environment-setup.ts")).environmentSetup,
    },
    {
      name: "create",
      summary: "record an environment: from files, an image, a Dockerfile or what the scripts import",
      methods: ["environment.create"],
      load: async () => (await import("./commands/environment-create.ts")).environmentCreate,
    },
    {
      name: "ls",
      summary: "list environments; marks the active one",
      methods: ["environment.list"],
      load: async () => (await import("./commands/environment-ls.ts")).environmentLs,
    },
    {
      name: "show",
      summary: "everything known of an environment",
      methods: ["environment.get"],
      load: async () => (await import("./commands/environment-show.ts")).environmentShow,
    },
    {
      name: "use",
      summary: "choose the environment of runs on this machine",
      methods: ["environment.use"],
      load: async () => (await import("./commands/environment-use.ts")).environmentUse,
    },
    {
      name: "build",
      summary: "make the image or venv that an environment needs",
      methods: ["environment.build"],
      load: async () => (await import("./commands/environment-build.ts")).environmentBuild,
    },
    {
      name: "update",
      summary: "change name or description of an environment",
      methods: ["environment.update"],
      load: async () => (await import("./commands/environment-update.ts")).environmentUpdate,
    },
    {
      name: "delete",
      summary: "delete environments",
      methods: ["environment.delete"],
      load: async () => (await import("./commands/environment-delete.ts")).environmentDelete,
    },
    {
      name: "export",
      summary: "write an environment into a folder that docker builds anywhere",
      methods: ["environment.export"],
      load: async () => (await import("./commands/environment-export.ts")).environmentExport,
    },
  ],
};
