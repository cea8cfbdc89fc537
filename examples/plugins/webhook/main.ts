import { definePlugin, type HookEvents } from "datmo-plugin";

declare const Deno: { readonly env: { get(name: string): string | undefined } };

/** A receiver that is slower has failed; the same lines are posted again later. */
const LONGEST_MS = 10_000;

export default definePlugin({
  hooks: {
    // Runs that ended together are one message.
    "run.finished": async (runs, _, { signal }) => {
      const url = Deno.env.get("DATMO_WEBHOOK_URL");
      if (!url) throw new Error("DATMO_WEBHOOK_URL is not set");
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ text: runs.map(lineOf).join("\n") }),
        // Where it leads to was not granted, and the message is not for it.
        redirect: "error",
        signal: AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]),
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`the webhook answered ${response.status}`);
    },
  },
});

function lineOf({ runId, runName, status, exitCode }: HookEvents["run.finished"]): string {
  const code = status === "failed" && exitCode !== undefined ? ` with exit code ${exitCode}` : "";
  return `${escaped(runName)} (${runId.slice(0, 8)}): ${status}${code}`;
}

/** Slack takes `<!channel>` in a name for a call to everybody. */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
