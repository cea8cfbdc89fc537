import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileGroups } from "./file-rows.ts";
import type { Group, Sample } from "./group.ts";
import { install } from "./install.ts";
import { page } from "./page.ts";
import { allPeers, type ReadyPeer } from "./peer.ts";
import { putSamples, type Results, readResults, writeResults } from "./results.ts";
import { trackerGroups } from "./rows.ts";
import { seededGroups } from "./seeded-rows.ts";
import { notes, table } from "./table.ts";

/*
 * datmo beside the tools that users would take instead: `npm run bench -- --peers`.
 * `--row NAME` and `--peer NAME` (may be repeated) measure only those and keep the rest of what was measured before,
 * `--missing` only what has no value yet; `--rounds N`, `--seed-seconds N`, `--small` (100 MB for 1 GB).
 */

const RESULTS = "docs/peers.json";
const PAGE = "docs/peers.md";

const words = process.argv.slice(2);
const groups = [
  ...trackerGroups,
  ...seededGroups(Number(option("seed-seconds")[0] ?? 100)),
  ...fileGroups(words.includes("--small")),
];
const results = readResults(RESULTS);
const peers = await ready(results);
for (const group of groups) {
  if (isAsked("row", group.name)) await measureGroup(group);
}
const names = allPeers().map(({ name }) => name);
console.log(`\n${results.machine}, ${results.at.slice(0, 10)}\n\n${table(results, names)}\n`);
for (const note of notes(results)) console.log(`* ${note}`);

async function measureGroup(group: Group): Promise<void> {
  const wanted = peers.filter(
    (peer) => group.applies(peer) && (!words.includes("--missing") || isMissing(group, peer)),
  );
  const rounds = Number(option("rounds")[0] ?? group.rounds);
  const found = new Map<ReadyPeer, Record<string, Sample>[]>(wanted.map((peer) => [peer, []]));
  const failed = new Map<ReadyPeer, Error>();
  for (let round = 0; round < rounds; round++) {
    for (const peer of wanted) {
      if (failed.has(peer)) continue;
      process.stderr.write(`${group.name} ${round + 1}/${rounds}: ${peer.name}\n`);
      await inPlace(async (place) => {
        found.get(peer)?.push(await group.measure(peer, place));
      }).catch((error: Error) => failed.set(peer, error));
    }
  }
  for (const peer of wanted) {
    const samples = found.get(peer) ?? [];
    const error = failed.get(peer);
    putSamples(results, group, peer.name, samples, error);
  }
  writeResults(RESULTS, results);
  writeFileSync(
    PAGE,
    page(
      results,
      allPeers().map(({ name }) => name),
    ),
  );
}

async function inPlace(work: (place: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "datmo-peers-"));
  try {
    const place = join(folder, "store");
    mkdirSync(place);
    await work(place);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

function isMissing(group: Group, peer: ReadyPeer): boolean {
  return group.rows.some(({ name }) => {
    const cell = results.rows.find((row) => row.name === name)?.cells[peer.name];
    return cell === undefined || cell.values.length === 0;
  });
}

/** Those that were asked for and can be measured. Whoever cannot is told, and goes into the results. */
async function ready(known: Results): Promise<ReadyPeer[]> {
  const found: ReadyPeer[] = [];
  for (const peer of allPeers()) {
    if (!isAsked("peer", peer.name)) continue;
    process.stderr.write(`${peer.name} ${peer.packages.join(" ")}\n`);
    try {
      const one = await install(peer);
      found.push(one);
      known.versions[peer.name] = one.version;
      if (one.about) known.how[peer.name] = one.about.how;
      delete known.missing[peer.name];
    } catch (error) {
      known.missing[peer.name] = (error as Error).message;
      process.stderr.write(`  cannot be measured: ${(error as Error).message}\n`);
    }
  }
  return found;
}

function isAsked(kind: "row" | "peer", name: string): boolean {
  const asked = option(kind);
  return (
    asked.length === 0 ||
    asked.includes(name) ||
    (kind === "peer" && name === "datmo" && asked.includes("us"))
  );
}

/** Values of an option, which may be given several times. */
function option(name: string): string[] {
  return words.flatMap((word, i) => (word === `--${name}` ? [words[i + 1] ?? ""] : []));
}
