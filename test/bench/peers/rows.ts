import { closeSync, lstatSync, mkdirSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { drive, ended, startDriver, timePython } from "./drive.ts";
import { type Group, type Sample, tracks } from "./group.ts";
import type { ReadyPeer } from "./peer.ts";

const POINTS = 100_000;
const KILL_AFTER_MS = 2_000;
/** What is left of a killed run's tool may write down what it had heard. */
const SETTLE_MS = 1_500;
const WRITER_RUNS = 10;
const WRITER_POINTS = 10;
const WRITERS_MS = 180_000;

const seconds = { unit: "s", better: "less" } as const;

const importing: Group = {
  name: "import",
  rows: [{ name: "import, whole Python process", ...seconds }],
  rounds: 5,
  applies: tracks("import"),
  measure: async (peer) => {
    const value = await timePython(peer, ["-c", `import ${peer.about?.import}`]);
    return { "import, whole Python process": { value } };
  },
};

const script: Group = {
  name: "script",
  rows: [{ name: "begin a run, log once, end it: whole script", ...seconds }],
  rounds: 5,
  applies: tracks("script"),
  measure: async (peer, place) => {
    await drive(peer, "prepare", [place]);
    await rest(peer);
    const { seconds: value } = await drive(peer, "script", [place]);
    return { "begin a run, log once, end it: whole script": { value } };
  },
};

const calls: Group = {
  name: "calls",
  rows: [
    { name: "a log call in a plain loop, median", unit: "µs", better: "less" },
    { name: "a log call in a plain loop, 99th percentile", unit: "µs", better: "less" },
  ],
  rounds: 3,
  applies: tracks("calls"),
  measure: async (peer, place) => {
    const { answer } = await drive(peer, "calls", [place]);
    const { median, p99 } = answer as { median: number; p99: number };
    return {
      "a log call in a plain loop, median": { value: median },
      "a log call in a plain loop, 99th percentile": { value: p99 },
    };
  },
};

const points: Group = {
  name: "points",
  rows: [
    { name: "100,000 points until the run has ended", ...seconds },
    { name: "points a second", unit: "/s", better: "more" },
    { name: "bytes a point on disk", unit: "B", better: "less" },
  ],
  rounds: 3,
  applies: tracks("points"),
  measure: measurePoints,
};

async function measurePoints(peer: ReadyPeer, place: string): Promise<Record<string, Sample>> {
  await drive(peer, "prepare", [place]);
  await rest(peer);
  const empty = bytesIn(place);
  await drive(peer, "script", [place]);
  await rest(peer);
  const before = bytesIn(place);
  const { answer } = await drive(peer, "durable", [place, String(POINTS)]);
  await rest(peer);
  const { points: made, seconds: took } = answer as { points: number; seconds: number };
  // What a run takes anyway is not the points'.
  const bytes = bytesIn(place) - before - (before - empty);
  const note = made < POINTS ? { note: `${made.toLocaleString("en")} points` } : {};
  return {
    "100,000 points until the run has ended": { value: (took * POINTS) / made, ...note },
    "points a second": { value: made / took, ...note },
    "bytes a point on disk": { value: bytes / made, ...note },
  };
}

const kill: Group = {
  name: "kill",
  rows: [
    { name: "kill -9: log calls that had returned and are there", unit: "%", better: "more", isShare: true },
  ],
  rounds: 3,
  applies: tracks("kill", "points"),
  measure: async (peer, place) => {
    const counter = join(place, "..", "counter");
    writeZeros(counter);
    const victim = startDriver(peer, "endless", [place, counter]);
    const over = ended(victim, WRITERS_MS).then(
      () => "it ended by itself",
      (error: Error) => error.message,
    );
    while (told(counter) === 0n) {
      if (victim.exitCode !== null) throw new Error(await over);
      await pause(10);
    }
    await pause(KILL_AFTER_MS);
    victim.kill("SIGKILL");
    await over;
    const returned = Number(told(counter));
    await pause(SETTLE_MS);
    const { answer } = await drive(peer, "points", [place]);
    const found = (answer as Record<string, number>)["killed"] ?? 0;
    const value = Math.min(100, (100 * found) / returned);
    const lost = Math.max(0, returned - found);
    return {
      "kill -9: log calls that had returned and are there": {
        value,
        ...(lost > 0
          ? { note: `${lost.toLocaleString("en")} of ${returned.toLocaleString("en")} lost` }
          : {}),
      },
    };
  },
};

const writers: Group = {
  name: "writers",
  rows: [
    {
      name: "two processes at once: runs that are kept, with all points",
      unit: "%",
      better: "more",
      isShare: true,
    },
    { name: "two processes at once: runs a second", unit: "/s", better: "more" },
  ],
  rounds: 3,
  applies: tracks("writers", "points"),
  measure: async (peer, place) => {
    await drive(peer, "prepare", [place]);
    await rest(peer);
    const began = performance.now();
    const names = ["left", "right"];
    const words = [String(WRITER_RUNS), String(WRITER_POINTS)];
    const both = names.map((name) => startDriver(peer, "writer", [place, name, ...words]));
    const failures = await Promise.all(
      both.map((child) => ended(child, WRITERS_MS).catch((e: Error) => e.message)),
    );
    const took = (performance.now() - began) / 1000;
    await rest(peer);
    const there = (await drive(peer, "points", [place])).answer as Record<string, number>;
    const wanted = names.flatMap((name) => Array.from({ length: WRITER_RUNS }, (_, i) => `${name}-${i}`));
    const kept = wanted.filter((name) => (there[name] ?? 0) >= WRITER_POINTS).length;
    const failed = failures.find((failure) => failure !== undefined);
    return {
      "two processes at once: runs that are kept, with all points": {
        value: (100 * kept) / wanted.length,
        ...(failed ? { note: failed.slice(0, 200) } : {}),
      },
      "two processes at once: runs a second": { value: kept / took },
    };
  },
};

export const trackerGroups: readonly Group[] = [importing, script, calls, points, kill, writers];

/** What goes on behind a script (ours packs the run; others have a service) must not be in the next measurement. */
export function rest(peer: ReadyPeer): Promise<void> {
  return pause(peer.name === "datmo" ? 1_200 : 500);
}

/** Size of the content of all files below a folder. */
export function bytesIn(directory: string): number {
  let bytes = 0;
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    const facts = lstatSync(path);
    bytes += facts.isDirectory() ? bytesIn(path) : facts.size;
  }
  return bytes;
}

function writeZeros(path: string): void {
  mkdirSync(join(path, ".."), { recursive: true });
  const file = openSync(path, "w");
  writeSync(file, Buffer.alloc(8));
  closeSync(file);
}

function told(path: string): bigint {
  return readFileSync(path).readBigInt64LE(0);
}
