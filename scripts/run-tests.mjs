// Runs every part of the test suite, one after the other where they compete for time, and sums up.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const requireAll = process.env.DATMO_TEST_REQUIRE === "all";
// On shared machines: what failed is run once more when nothing else runs, and is told if it then passes.
const again = process.env.DATMO_TEST_AGAIN === "1";
const only = process.argv.slice(2);
const python = ["python3", "python"].find((name) => spawnSync(name, ["--version"]).status === 0);

const parts = [
  { name: "check", command: ["bash", "scripts/check.sh"] },
  ...[
    "unit",
    "conformance",
    "stores",
    "drivers",
    "fault",
    "services",
    "plugins",
    "importers",
    "exporters",
    "e2e",
    "docs",
    "soak",
  ].map((layer) => ({
    name: layer,
    files: testFiles(join("test", layer)),
  })),
  // The same tests on several engines: this Debian's Docker, the next one's, and what Podman can do of it.
  engine("drivers-docker", "docker"),
  engine("drivers-docker-26", "newer"),
  engine(
    "drivers-podman",
    "podman",
    ["suite", "terminal", "environments", "podman"].map((name) => `test/drivers-docker/${name}.test.ts`),
  ),
  {
    name: "packages",
    files: testFiles(join("test", "packages")),
  },
  {
    name: "python",
    command: python && [
      python,
      "-m",
      "unittest",
      "discover",
      "-s",
      "clients/python/tests",
      "-t",
      "clients/python/tests",
    ],
    missing: "Python 3.9 or newer: https://www.python.org or your package manager",
    env: { PYTHONPATH: join(process.cwd(), "clients/python/src") },
    summary: (text) => ({
      passed:
        Number(/^Ran (\d+) tests?/m.exec(text)?.[1] ?? 0) -
        count(text, /failures=(\d+)/) -
        count(text, /errors=(\d+)/) -
        count(text, /skipped=(\d+)/),
      failed: count(text, /failures=(\d+)/) + count(text, /errors=(\d+)/),
      skipped: count(text, /skipped=(\d+)/),
    }),
  },
  {
    name: "r",
    command: hasR() && ["bash", "scripts/test-r.sh"],
    missing:
      "R 4.1 or newer with jsonlite, processx, R6, rlang, cli, testthat, knitr and markdown; see .ci/run",
    summary: (text) => ({
      passed: count(text, /SKIP \d+ \| PASS (\d+)/) + (text.includes("R CMD check: ok") ? 1 : 0),
      failed: count(text, /^\[ FAIL (\d+)/m) + (text.includes("R CMD check: FAIL") ? 1 : 0),
      skipped: count(text, /SKIP (\d+) \| PASS/),
    }),
  },
];

const totals = { passed: 0, failed: 0, skipped: 0 };
const failed = [];
for (const part of parts) {
  if (only.length > 0 && !only.includes(part.name)) continue;
  await runPart(part);
}
const unsteady = again ? await runFailedAgain() : [];
for (const { name, text } of failed) console.log(`\n== failed in ${name}\n${failures(text)}`);
for (const { name, text } of unsteady)
  console.log(`\n== failed in ${name}, and passed when run again\n${failures(text)}`);
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
if (requireAll && totals.skipped > 0) console.log("skipped tests are failures here (DATMO_TEST_REQUIRE=all)");
process.exitCode = totals.failed > 0 || totals.passed === 0 || (requireAll && totals.skipped > 0) ? 1 : 0;

async function runPart(part) {
  if (part.files?.length === 0) return;
  const command = part.files ? nodeCommand(part, part.files, 2) : part.command;
  if (!command) {
    totals.skipped++;
    console.log(`\n== ${part.name}: skipped; to run it, get ${part.missing}`);
    return;
  }
  console.log(`\n== ${part.name}`);
  if (part.partly) {
    totals.skipped++;
    console.log(`== ${part.name}: partly skipped; to run all of it, get ${part.partly}`);
  }
  const began = Date.now();
  const { code, text } = await run(command, part.env);
  const result = resultOf(part, code, text);
  if (result.failed > 0) failed.push({ name: part.name, part, text, count: result.failed });
  for (const key of Object.keys(totals)) totals[key] += result[key];
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  console.log(
    `== ${part.name}: ${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped in ${seconds} s`,
  );
}

function nodeCommand(part, files, concurrency) {
  return [
    ...(part.around && !part.partly ? part.around : []),
    process.execPath,
    "--import",
    "tsx",
    "--test",
    "--test-reporter=spec",
    `--test-concurrency=${concurrency}`,
    ...files,
  ];
}

function resultOf(part, code, text) {
  const result = part.files
    ? nodeSummary(text)
    : part.summary
      ? part.summary(text)
      : { passed: code === 0 ? 1 : 0, failed: 0, skipped: 0 };
  // A runner that died counts as a failure, whatever it printed before.
  if (code !== 0 && result.failed === 0) result.failed = 1;
  return result;
}

/** Runs files (or whole parts, where they are not files) that failed once more; answers those that pass now. */
async function runFailedAgain() {
  const passed = [];
  for (const one of failed.splice(0)) {
    const { part } = one;
    const files = part.files?.filter((file) => failures(one.text).includes(file));
    console.log(`\n== ${one.name}, once more: ${files?.join(" ") ?? "all of it"}`);
    const command = files ? nodeCommand(part, files.length > 0 ? files : part.files, 1) : part.command;
    const { code, text } = await run(command, part.env);
    if (resultOf(part, code, text).failed > 0) {
      failed.push(one);
      continue;
    }
    passed.push(one);
    totals.failed -= one.count;
    totals.passed += one.count;
  }
  return passed;
}

/** What a runner says of what failed, behind everything else. */
function failures(text) {
  const from = text.lastIndexOf("failing tests:");
  return from < 0 ? text.slice(-4000) : text.slice(from);
}

function run(command, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(command[0], command.slice(1), {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        text += chunk;
        process.stdout.write(chunk);
      });
    }
    child.on("close", (code) => resolve({ code: code ?? 1, text }));
  });
}

function nodeSummary(text) {
  return {
    passed: count(text, /^ℹ pass (\d+)/m),
    failed: count(text, /^ℹ fail (\d+)/m) + count(text, /^ℹ cancelled (\d+)/m),
    skipped: count(text, /^ℹ skipped (\d+)/m) + count(text, /^ℹ todo (\d+)/m),
  };
}

/** Tests of containers on one kind of engine; one engine for all of them. */
function engine(name, kind, files = testFiles(join("test", "drivers-docker"))) {
  const env = { DATMO_TEST_ENGINE: kind };
  const around = [process.execPath, "--import", "tsx", "test/helpers/with-docker.ts"];
  // What needs no engine is tested all the same.
  return { name, env, files, around, partly: engineProblem(name, around, env) };
}

/** What is missing for an engine of the tests' own; undefined when nothing is, or nobody asked for this part. */
function engineProblem(name, [program, ...words], env) {
  if (only.length > 0 && !only.includes(name)) return undefined;
  const check = { encoding: "utf8", env: { ...process.env, ...env } };
  const { stdout, stderr, status } = spawnSync(program, [...words, "--check"], check);
  return status === 0 ? undefined : stdout.trim() || stderr;
}

/** R and the packages that its client needs and is tested with. */
function hasR() {
  if (only.length > 0 && !only.includes("r")) return false;
  const packages = ["jsonlite", "processx", "R6", "rlang", "cli", "testthat", "knitr", "markdown"];
  const load = `for (p in c(${packages.map((name) => `"${name}"`).join(", ")})) loadNamespace(p)`;
  return requireAll || spawnSync("Rscript", ["-e", load]).status === 0;
}

function count(text, pattern) {
  return Number(pattern.exec(text)?.[1] ?? 0);
}

function testFiles(directory) {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => join(directory, name))
    .sort();
}
