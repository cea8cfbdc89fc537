import type { CommandNode } from "./commands.ts";

/** `datmo snapshot …`. */
export const snapshotCommands: CommandNode = {
  name: "snapshot",
  summary: "save, list, compare and bring back states of the project",
  children: [
    {
      name: "create",
      summary: "save code, environment, files, config and metrics in one step",
      methods: ["snapshot.create"],
      load: async () => (await import("./commands/snapshot-create.ts")).snapshotCreate,
    },
    {
      name: "ls",
      summary: "list snapshots; marks the one that equals the folder",
      methods: ["snapshot.list"],
      load: async () => (await import("./commands/snapshot-ls.ts")).snapshotLs,
    },
    {
      name: "inspect",
      summary: "everything known of a snapshot",
      methods: ["snapshot.get"],
      load: async () => (await import("./commands/snapshot-inspect.ts")).snapshotInspect,
    },
    {
      name: "diff",
      summary: "what differs between two snapshots, or a snapshot and the folder",
      methods: ["snapshot.diff"],
      load: async () => (await import("./commands/snapshot-diff.ts")).snapshotDiff,
    },
    {
      name: "checkout",
      summary: "bring a snapshot's code back into the folder",
      methods: ["snapshot.checkout"],
      load: async () => (await import("./commands/snapshot-checkout.ts")).snapshotCheckout,
    },
    {
      name: "update",
      summary: "change message, label, config or metrics of a snapshot",
      methods: ["snapshot.update"],
      load: async () => (await import("./commands/snapshot-update.ts")).snapshotUpdate,
    },
    {
      name: "delete",
      summary: "delete snapshots",
      methods: ["snapshot.delete"],
      load: async () => (await import("./commands/snapshot-delete.ts")).snapshotDelete,
    },
    {
      name: "export",
      summary: "write a snapshot's code and files into a folder",
      methods: ["snapshot.export"],
      load: async () => (await import("./commands/snapshot-export.ts")).snapshotExport,
    },
  ],
};
