import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { findBubblewrap } from "../../src/plugins/bubblewrap.ts";
import { findDeno } from "../../src/plugins/deno-binary.ts";
import { type Bench, type Figure, interleaved, median, percentile } from "./bench.ts";
import { withProject } from "./bench-project.ts";
import { echoPlugin, endTelling, install, withPluginUser } from "./plugin-place.ts";
import type { RawEngine } from "./raw-engine.ts";
import { datmo, type RunPlace, residentEngine, withRunPlace } from "./run-place.ts";
import { spread } from "./snapshot-place.ts";

/** Of the quotable figures; a smaller share of all is for trying the bench. */
const SHARE = Number(process.env["DATMO_BENCH_SHARE"] ?? 1);
const START_ROUNDS = Math.ceil(15 * SHARE);
const CALLS = Math.ceil(5000 * SHARE);
const POINTS = Math.ceil(2000 * SHARE) * 500;
const POINT_ROUNDS = Math.ceil(9 * SHARE);
const RUN_ROUNDS = Math.ceil(25 * SHARE);
const FILES = 300;
const PLUGINS = 10;
/** The longest that all points are waited for to be told. */
const TELL_MS = 60_000;

export const benches: Bench[] = [
  {
    name: "plugin, start to first answer, Deno alone",
    goal: "≤ bare Deno + 80 ms",
    run: () => start(80, { DATMO_BUBBLEWRAP: "off" }),
  },
  {
    name: "plugin, start to first answer, inside bubblewrap",
    goal: "≤ bare Deno + 200 ms",
    run: () => start(200, {}),
  },
  { name: "plugin, warm call from a client and back, median", goal: "≤ 0.5 ms", run: calls },
  {
    name: `${POINTS.toLocaleString("en")} points past a hook that is told of all, against none`,
    goal: "≤ 3 % slower",
    run: points,
  },
  {
    name: `datmo run true with ${PLUGINS} plugins that it does not use, against none`,
    goal: "no measurable difference",
    run: unused,
  },
];

/** Of the first call in an engine that has the project open: everything until the answer. */
function start(goalMs: number, variables: NodeJS.ProcessEnv): Promise<Figure> {
  return withEcho(variables, async (place) => {
    const deno = findDeno(place.variables, import.meta.url);
    const wraps = (await findBubblewrap(place.variables, deno)) !== undefined;
    if (!wraps && variables["DATMO_BUBBLEWRAP"] === undefined) throw new Error("needs bubblewrap");
    const script = join(place.directory, "bare.js");
    writeFileSync(script, "console.log(1);\n");
    const times = await interleaved(START_ROUNDS, {
      deno: async () => {
        const child = spawn(deno, ["run", script], { stdio: ["ignore", "pipe", "ignore"] });
        const ended = once(child, "exit");
        const began = performance.now();
        await once(child.stdout, "data");
        const passed = performance.now() - began;
        await ended;
        return passed;
      },
      plugin: async () => {
        const engine = await residentEngine(place);
        await engine.ask("plugin.list", {});
        const began = performance.now();
        await echo(engine, 1);
        const passed = performance.now() - began;
        await engine.leave();
        return passed;
      },
    });
    return above(times, "deno", "plugin", goalMs);
  });
}

function calls(): Promise<Figure> {
  return withEcho({}, async (place) => {
    const engine = await residentEngine(place);
    const times: number[] = [];
    try {
      for (let i = -CALLS / 5; i < CALLS; i++) {
        const began = performance.now();
        await echo(engine, i);
        if (i >= 0) times.push(performance.now() - began);
      }
    } finally {
      await engine.leave();
    }
    const value = median(times);
    const detail = `99th percentile ${percentile(times, 0.99).toFixed(2)} ms of ${times.length.toLocaleString("en")} calls`;
    return { value, unit: "ms", met: value <= 0.5, detail };
  });
}

function points(): Promise<Figure> {
  return withEmpty({}, (none) =>
    withEmpty({}, async (hooked) => {
      mkdirSync(join(hooked.directory, "told"));
      install(hooked, TELLER);
      const [engine, watched] = [await residentEngine(none), await residentEngine(hooked)];
      try {
        const times = await interleaved(POINT_ROUNDS, {
          none: () => logAll(engine),
          hook: () => logAll(watched),
          // Not a candidate: what is still to be told would be told while the other one logs.
          rest: () => allTold(hooked.directory),
        });
        const [without, with_] = [median(times["none"] ?? []), median(times["hook"] ?? [])];
        const value = (with_ / without - 1) * 100;
        const detail = `${spread({ none: times["none"] ?? [], hook: times["hook"] ?? [] })} ms`;
        return { value, unit: "% slower", met: value <= 3, detail };
      } finally {
        await Promise.all([engine.leave(), watched.leave()]);
        endTelling(hooked.directory);
      }
    }),
  );
}

function unused(): Promise<Figure> {
  return withPluginUser({}, (variables) =>
    withRunPlace(FILES, variables, (none) =>
      withRunPlace(FILES, variables, async (ten) => {
        for (let i = 0; i < PLUGINS; i++) install(ten, echoPlugin(`unused-${i}`));
        const times = await interleaved(RUN_ROUNDS, {
          none: () => datmo(none, ["run", "true"]),
          ten: () => datmo(ten, ["run", "true"]),
        });
        const without = times["none"] ?? [];
        const value = median(times["ten"] ?? []) - median(without);
        // As far as runs without plugins lie from each other, nobody can tell which is which.
        const noise = percentile(without, 0.75) - percentile(without, 0.25);
        const detail = `half of those without lie within ${noise.toFixed(1)} ms; ${spread(times)}`;
        return { value, unit: "ms above", met: value <= noise, detail };
      }),
    ),
  );
}

/** What is told of a batch of points: from where to where they are. Here it adds up how many. */
const TELLER = {
  name: "teller",
  provides: [{ kind: "hook", on: ["metric.logged"] }],
  permissions: { write: ["told"] },
  definition: `{ hooks: { "metric.logged": (events) => {
    const count = events.reduce((sum, { from, to }) => sum + to - from, 0);
    Deno.writeTextFileSync("told/counts", count + "\\n", { append: true });
  } } }`,
};

let logged = 0;

/** All points of a run, 500 a request. */
async function logAll(engine: RawEngine): Promise<number> {
  const { run } = (await engine.ask("run.create", { snapshots: false })) as { run: { id: string } };
  const bodies = Array.from({ length: 32 }, (_, block) => pointsOf(run.id, block));
  const began = performance.now();
  await engine.pump(bodies, POINTS / 500);
  const passed = performance.now() - began;
  await engine.ask("run.finish", { id: run.id });
  return passed;
}

function pointsOf(runId: string, block: number): string {
  const each = <T>(one: (i: number) => T): T[] => Array.from({ length: 500 }, (_, i) => one(i));
  const name = each((i) => `metric${i % 10}`);
  const step = each((i) => block * 500 + i);
  const value = each((i) => Math.exp(-i / 1000) + block / 10);
  return JSON.stringify({ runId, points: { name, step, value, at: each((i) => 1_700_000_000 + i / 1000) } });
}

/** Every point is told of, or the hook was none. */
async function allTold(directory: string): Promise<void> {
  logged += POINTS;
  const file = join(directory, "told", "counts");
  const end = Date.now() + TELL_MS;
  for (;;) {
    const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
    const told = lines.reduce((sum, line) => sum + Number(line), 0);
    if (told >= logged) return;
    if (Date.now() > end) throw new Error(`the hook was told of ${told} of ${logged} points`);
    await pause(50);
  }
}

async function echo(engine: RawEngine, i: number): Promise<void> {
  const params = { name: "echo", command: "echo-echo", params: { i } };
  const { result } = (await engine.ask("plugin.call", params)) as { result: { i?: number } };
  if (result.i !== i) throw new Error(JSON.stringify(result));
}

function withEcho<T>(variables: NodeJS.ProcessEnv, work: (place: RunPlace) => Promise<T>): Promise<T> {
  return withEmpty(variables, (place) => {
    install(place, echoPlugin("echo"));
    return work(place);
  });
}

/** An empty project of a user with no plugins. */
function withEmpty<T>(more: NodeJS.ProcessEnv, work: (place: RunPlace) => Promise<T>): Promise<T> {
  return withPluginUser(more, (variables) => withProject(0, (directory) => work({ directory, variables })));
}

function above(times: Record<string, number[]>, bare: string, own: string, goalMs: number): Figure {
  const value = median(times[own] ?? []) - median(times[bare] ?? []);
  return { value, unit: "ms above", met: value <= goalMs, detail: `${spread(times)} ms` };
}
