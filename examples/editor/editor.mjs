// An editor's side of datmo in small: lists runs, starts one, follows one that anybody started.
// Usage: node editor.mjs [--engine "datmo engine --stdio"] [--project DIR] runs | run COMMAND | follow RUN
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { openEngine } from "./engine.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    engine: { type: "string", default: "datmo engine --stdio" },
    project: { type: "string", default: process.cwd() },
  },
});
const [action = "runs", word = ""] = positionals;

let engine;
try {
  engine = await openEngine(values.engine.split(" "), values.project);
  if (action === "runs") await listRuns();
  else if (action === "run") await startRun(word);
  else if (action === "follow") await followRun(word);
  else throw new Error(`There is no action ${action}; it is runs, run or follow.`);
} catch (error) {
  // Errors of datmo say what to do.
  console.error(error.message, error.data?.hint ?? "");
  process.exitCode = 1;
} finally {
  await engine?.close();
}

/** A page of the newest; `nextCursor` is where the next page begins. */
async function listRuns() {
  const { items, nextCursor } = await engine.request("run.list", { limit: 20 });
  for (const run of items) console.log(run.id.slice(0, 8), run.name, run.status, JSON.stringify(run.metrics));
  if (nextCursor !== undefined) console.log("…");
}

/** What an engine started itself it tells of by itself: no polling. */
async function startRun(command) {
  engine.on("run.output", ({ text }) => process.stdout.write(text));
  engine.on("run.statusChanged", ({ run }) => console.log(`[${run.status}]`));
  engine.on("metric.logged", ({ names }) => console.log(`[new points of ${names.join(", ")}]`));
  const { run } = await engine.request("run.start", { command });
  const { run: ended } = await engine.request("run.wait", { id: run.id });
  console.log(`[${ended.name} exited with ${ended.exitCode}]`);
}

/** A run of another engine, in another terminal say: read on from where the last look ended. */
async function followRun(id) {
  let offset = 0;
  for (;;) {
    const { text, nextOffset, ended } = await engine.request("run.logs", { id, offset });
    process.stdout.write(text);
    if (ended && nextOffset === offset) break;
    if (nextOffset === offset) await sleep(250);
    offset = nextOffset;
  }
  const { run } = await engine.request("run.wait", { id });
  const { items } = await engine.request("metric.list", { runId: id });
  for (const { name, last, count } of items) console.log(`${name} = ${last} (${count} points)`);
  console.log(`[${run.status}]`);
}
