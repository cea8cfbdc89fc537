/* Runs scenarios with the TypeScript client (../README.md): `run.ts SCENARIO.json…` or `--steps FILE`. */
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { Scenario, type Step, StepFailed } from "./scenario.ts";

const [first, ...rest] = process.argv.slice(2);
if (first === "--steps") await carryOutHere(rest[0]!);
else
  for (const path of [first!, ...rest].map((name) => resolve(name)))
    process.stdout.write(`${JSON.stringify(await runFile(path))}\n`);

async function carryOutHere(path: string): Promise<void> {
  const { steps } = JSON.parse(readFileSync(path, "utf8")) as { steps: Step[] };
  const scenario = new Scenario();
  try {
    await scenario.carryOut(steps);
  } catch (error) {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  } finally {
    await scenario.close();
  }
}

async function runFile(path: string): Promise<object> {
  const name = basename(path, ".json");
  const { project = true, steps } = JSON.parse(readFileSync(path, "utf8")) as {
    project?: boolean;
    steps: Step[];
  };
  const before = process.cwd();
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "datmo-conformance-")));
  process.chdir(folder);
  const scenario = new Scenario();
  try {
    if (project) await scenario.request("project.create", {});
    await scenario.carryOut(steps);
    return { scenario: name, ok: true };
  } catch (error) {
    const step = error instanceof StepFailed ? error.step : 0;
    return {
      scenario: name,
      ok: false,
      step,
      problem: error instanceof Error ? error.message : String(error),
    };
  } finally {
    await scenario.close().catch(() => {});
    process.chdir(before);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
