import type { Template } from "./template.ts";

/** Something that is done after runs. */
export const hookTemplate: Template = {
  description: "a tag on runs that failed",
  provides: () => [{ kind: "hook", on: ["run.finished"] }],
  permissions: { engine: ["run.update"] },
  main: {
    typescript: () => `import { definePlugin } from "datmo-plugin";

export default definePlugin({
  hooks: {
    /** Some at once, oldest first. One may be told again after a crash, so this must do no harm twice. */
    "run.finished": async (events, datmo) => {
      for (const { runId, runName, status } of events) {
        if (status !== "failed") continue;
        await datmo.request("run.update", { id: runId, addTags: ["look-at"] });
        console.log(\`\${runName} failed\`);
      }
    },
  },
});
`,
  },
  unitTest: () => `import assert from "node:assert/strict";
import type { HookEvents } from "datmo-plugin";
import { fakeContext, fakeDatmo } from "datmo-plugin/testing";
import plugin from "./main.ts";

const finished = (runId: string, status: string): HookEvents["run.finished"] => ({
  id: \`event-\${runId}\`,
  at: "2026-01-01T00:00:00.000Z",
  runId,
  runName: \`run-\${runId}\`,
  status,
});

Deno.test("tags the runs that failed, and no other", async () => {
  const datmo = fakeDatmo({ "run.update": {} });
  const hook = plugin.hooks?.["run.finished"];
  await hook?.([finished("1", "succeeded"), finished("2", "failed")], datmo, fakeContext());
  assert.deepEqual(datmo.asked, [{ method: "run.update", params: { id: "2", addTags: ["look-at"] } }]);
});
`,
  // Hooks are told by a process of their own, after the run: a test of steps does not wait for that.
  cases: () => [],
  use: () => `datmo run false; datmo run ls --filter 'tag = look-at'`,
};
