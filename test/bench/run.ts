import { readdir, writeFile } from "node:fs/promises";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Bench, Figure } from "./bench.ts";

/* Runs every bench of this folder and prints one table. */

const here = import.meta.dirname ?? ".";
const words = process.argv.slice(2).filter((word) => !word.startsWith("-"));
const files = (await readdir(here)).filter((name) => name.endsWith("-bench.ts")).sort();
const results: (Figure & { name: string; goal: string })[] = [];

for (const file of files) {
  const { benches } = (await import(pathToFileURL(join(here, file)).href)) as { benches: Bench[] };
  for (const bench of benches) {
    const name = `${file.replace("-bench.ts", "")}: ${bench.name}`;
    if (words.length > 0 && !words.some((word) => name.includes(word))) continue;
    process.stderr.write(`${name} …\n`);
    try {
      results.push({ name, goal: bench.goal, ...(await bench.run()) });
    } catch (error) {
      results.push({
        name,
        goal: bench.goal,
        value: Number.NaN,
        unit: "",
        met: false,
        detail: String(error),
      });
    }
  }
}

const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, Linux ${release()}, Node ${process.version}`;
console.log(`\n${machine}, ${new Date().toISOString().slice(0, 10)}\n`);
console.log("| figure | goal | measured | ratio | met | detail |\n|---|---|---|---|---|---|");
for (const { name, goal, value, unit, ratio, met, detail } of results) {
  const cells = [name, goal, `${number(value)} ${unit}`, ratio === undefined ? "" : `${number(ratio)}×`];
  console.log(`| ${[...cells, met === undefined ? "" : met ? "yes" : "NO", detail ?? ""].join(" | ")} |`);
}
await writeFile(
  "bench-results.json",
  `${JSON.stringify({ machine, at: new Date().toISOString(), results }, null, 1)}\n`,
);

function number(value: number): string {
  if (!Number.isFinite(value)) return "–";
  return Math.abs(value) >= 1000
    ? Math.round(value).toLocaleString("en")
    : String(Number(value.toPrecision(3)));
}
