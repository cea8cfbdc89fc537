import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, release, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { INITIALIZE, RawEngine } from "../bench/raw-engine.ts";
import { fill } from "./fill.ts";
import { type Measures, measure } from "./measure.ts";
import { SERIES_OF_A_RUN } from "./orders.ts";

/*
 * One project that grows to 100,000 runs and 100 million points, measured on the way. `--to 10000` stops earlier,
 * `--keep` leaves the project where it is, `--on FOLDER` measures such a one again, `--rounds 3` less often.
 */

const STEPS = [1_000, 10_000, 100_000];
const POINTS_A_RUN = 1000;
const LONG_SERIES = 600_000;

const last = Number(option("to") ?? STEPS.at(-1));
const rounds = Number(option("rounds") ?? 5);
const existing = option("on");
const directory = existing ?? mkdtempSync(join(option("in") ?? tmpdir(), "datmo-load-"));
const began = performance.now();
const columns: { readonly runs: number; readonly points: number; readonly measures: Measures }[] = [];
try {
  await (existing === undefined ? grow() : measureAt(await runsIn(directory)));
} finally {
  if (existing === undefined && !process.argv.includes("--keep"))
    rmSync(directory, { recursive: true, force: true });
}
const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, Linux ${release()}, Node ${process.version}`;
const at = new Date().toISOString();
writeFileSync("load-results.json", `${JSON.stringify({ machine, at, columns }, null, 1)}\n`);
console.log(`\n${machine}, ${at.slice(0, 10)}\n\n${table()}`);

async function grow(): Promise<void> {
  const engine = new RawEngine(directory);
  await engine.ask("initialize", INITIALIZE);
  await engine.ask("project.create", {});
  await engine.leave();
  const long = { name: "long", first: 0, runs: 1, points: LONG_SERIES * SERIES_OF_A_RUN };
  await fill({ directory, ...long }, () => {});
  let made = 0;
  for (const runs of STEPS.filter((step) => step <= last)) {
    const started = performance.now();
    await fill({ directory, name: "run", first: made, runs: runs - made, points: POINTS_A_RUN }, (n) =>
      tell(`${(made + n).toLocaleString("en")} runs`),
    );
    const seconds = (performance.now() - started) / 1000;
    await measureAt(runs, (runs - made) / seconds);
    made = runs;
  }
}

async function measureAt(runs: number, made?: number): Promise<void> {
  const points = runs * POINTS_A_RUN + LONG_SERIES * SERIES_OF_A_RUN;
  const [someRun, longRun] = [await idOf("run-7"), await idOf("long-0")];
  const measures = await measure({ directory, runs, points, someRun, longRun }, rounds);
  if (made !== undefined) measures["runs made a second"] = made;
  columns.push({ runs, points, measures });
  tell(`measured ${runs.toLocaleString("en")} runs\n${table()}`);
}

async function runsIn(project: string): Promise<number> {
  const engine = new RawEngine(project);
  await engine.ask("initialize", INITIALIZE);
  const { total } = (await engine.ask("run.list", { sort: "name", limit: 1 })) as { total: number };
  await engine.leave();
  return total - 1;
}

async function idOf(name: string): Promise<string> {
  const engine = new RawEngine(directory);
  await engine.ask("initialize", INITIALIZE);
  const { run } = (await engine.ask("run.get", { id: name })) as { run: { id: string } };
  await engine.leave();
  return run.id;
}

function table(): string {
  const heads = columns.map(
    ({ runs, points }) => `${runs.toLocaleString("en")} runs, ${millions(points)} M points`,
  );
  const names = Object.keys(columns[0]?.measures ?? {});
  const rows = names.map((name) => {
    const values = columns.map(({ measures }) => measures[name] ?? Number.NaN);
    const growth = (values.at(-1) ?? Number.NaN) / (values[0] ?? Number.NaN);
    return `| ${[name, ...values.map(number), `${number(growth)}×`].join(" | ")} |`;
  });
  const rule = "|---|".padEnd(5 + 4 * (heads.length + 1), "---|");
  return [`| | ${[...heads, "last ÷ first"].join(" | ")} |`, rule, ...rows].join("\n");
}

function millions(points: number): string {
  return number(points / 1e6);
}

function number(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const isWhole = Math.abs(value) >= 1000;
  return isWhole ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(3)));
}

function option(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
}

function tell(text: string): void {
  process.stderr.write(`${Math.round((performance.now() - began) / 1000)} s: ${text}\n`);
}
