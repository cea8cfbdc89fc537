import { type Datmo, definePlugin } from "datmo-plugin";

declare const Deno: { readonly env: { get(name: string): string | undefined } };

const LABEL = "best";

export default definePlugin({
  hooks: {
    // It looks at all runs anyway, so how many have ended, and which, is no matter.
    "run.finished": async (_, datmo) => {
      const sort = Deno.env.get("DATMO_BEST");
      if (!sort) throw new Error("DATMO_BEST is not set: `metrics.loss`, or `-metrics.acc` for the highest");
      const best = await bestSnapshot(datmo, sort);
      if (best !== undefined) await moveLabel(datmo, best);
    },
  },
});

/** What the best run left behind; undefined while none has a number there. */
async function bestSnapshot(datmo: Datmo, sort: string): Promise<string | undefined> {
  const { items } = await datmo.request("run.list", { sort, status: ["succeeded"], limit: 1 });
  const [run] = items;
  const value = run?.metrics?.[sort.replace(/^-?metrics\./, "")];
  return typeof value === "number" ? run?.afterSnapshotId : undefined;
}

/** One snapshot has it at a time. */
async function moveLabel(datmo: Datmo, id: string): Promise<void> {
  const { items } = await datmo.request("snapshot.list", { all: true, text: LABEL, limit: 1000 });
  for (const { id: other, label } of items) {
    if (label === LABEL && other !== id) await datmo.request("snapshot.update", { id: other, label: "" });
  }
  const { snapshot } = await datmo.request("snapshot.get", { id });
  // A label that somebody has given says more.
  if (snapshot.label === undefined) await datmo.request("snapshot.update", { id, label: LABEL });
}
