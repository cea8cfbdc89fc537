import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { drive } from "./drive.ts";
import { type Group, tracks } from "./group.ts";
import { CACHE } from "./install.ts";
import type { ReadyPeer } from "./peer.ts";

/** What an index or a service may take when a store is seeded. */
const SETTLE_SECONDS = 240;
const COUNTS = [1_000, 10_000];

/** Lists and queries among many runs. Stores are seeded once and kept; `seedSeconds` bounds each. */
export function seededGroups(seedSeconds: number): Group[] {
  return COUNTS.map((count) => listing(count, seedSeconds));
}

function listing(count: number, seedSeconds: number): Group {
  const name = `list-${count}`;
  const many = `${count.toLocaleString("en")} runs`;
  const newest = `the newest 100 of ${many}, whole process`;
  const best = `the best of ${many} by a metric, whole process`;
  return {
    name,
    rows: [
      { name: newest, unit: "s", better: "less" },
      { name: best, unit: "s", better: "less" },
    ],
    rounds: 3,
    applies: tracks(name, "newest", "best"),
    measure: async (peer) => {
      const { store, runs } = await seeded(peer, count, seedSeconds);
      const note = runs < count ? { note: `${runs.toLocaleString("en")} runs` } : {};
      const listed = await drive(peer, "newest", [store]);
      const { names } = listed.answer as { names: number };
      if (names < Math.min(100, runs)) throw new Error(`${names} of ${runs} runs were listed`);
      const asked = await drive(peer, "best", [store]);
      const found = (asked.answer as { name: string }).name;
      if (found !== "seed-0") throw new Error(`the best run is seed-0, not ${found}`);
      return { [newest]: { value: listed.seconds, ...note }, [best]: { value: asked.seconds, ...note } };
    },
  };
}

interface Seeded {
  readonly store: string;
  readonly runs: number;
}

/** A store with so many runs, or with as many as could be made in the time. */
async function seeded(peer: ReadyPeer, count: number, seconds: number): Promise<Seeded> {
  const folder = join(CACHE, "seeded", `${peer.name}-${peer.name === "datmo" ? build() : peer.version}`);
  // Whoever could not make the smaller count has no larger one.
  const smaller = COUNTS.filter((other) => other < count).map((other) => made(folder, other));
  const short = smaller.find((one, i) => one && one.runs < (COUNTS[i] ?? 0));
  const known = short ?? made(folder, count);
  if (known) return known;
  const place = join(folder, String(count));
  rmSync(place, { recursive: true, force: true });
  const store = join(place, "store");
  mkdirSync(store, { recursive: true });
  process.stderr.write(`  ${peer.name}: making ${count.toLocaleString("en")} runs, at most ${seconds} s\n`);
  await drive(peer, "prepare", [store]);
  const words = [store, "0", String(count), String(seconds)];
  const { answer } = await drive(peer, "seed", words, (seconds + SETTLE_SECONDS) * 1000);
  const { runs } = answer as { runs: number };
  writeFileSync(join(place, "seeded.json"), JSON.stringify({ runs }));
  return { store, runs };
}

function made(folder: string, count: number): Seeded | undefined {
  const told = join(folder, String(count), "seeded.json");
  if (!existsSync(told)) return undefined;
  const { runs } = JSON.parse(readFileSync(told, "utf8")) as { runs: number };
  return { store: join(folder, String(count), "store"), runs };
}

/** A store of ours is of the build that is measured. */
function build(): string {
  return createHash("sha256").update(readFileSync("dist/program.js")).digest("hex").slice(0, 12);
}
