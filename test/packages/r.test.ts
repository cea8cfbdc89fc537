/* The source package for R, installed into an empty library, with the network off. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { makeFolder, makePackages, makeProject, runOffline, sizeOf } from "./offline.ts";

const folder = makeFolder(after);
const library = join(folder, "library");

const QUICK_START = `
library(datmo)
run <- datmo_init(config = list(lr = 1e-3))
for (step in 0:99) datmo_log(list(loss = 1 / (step + 1)), step = step)
writeLines("weights", "model.pt")
datmo_log_file("model.pt")
datmo_finish()
runs <- datmo_runs()
cat(nrow(runs), "run\\n")
`;

const missing = spawnSync("R", ["--version"]).error ? "R is not installed" : false;
const skip = process.env["DATMO_TEST_REQUIRE"] === "all" ? false : missing;

before(() => {
  if (skip) return;
  const [archive = ""] = makePackages(join(folder, "made"), ["r"]);
  mkdirSync(library);
  runOffline(["R", "CMD", "INSTALL", "--no-test-load", `--library=${library}`, archive], folder);
});

test("the quick start runs with no network", { skip }, () => {
  const project = makeProject(folder);
  writeFileSync(join(project, "train.R"), QUICK_START);
  const { stdout } = runOffline(["Rscript", "train.R"], project, { R_LIBS: library });
  assert.match(stdout, /^1 run$/m);
});

test("the engine and the notices are inside, and it is small", { skip }, () => {
  const engine = join(library, "datmo", "engine");
  assert.ok(existsSync(join(engine, "engine.js")));
  assert.match(
    readFileSync(join(engine, "THIRD-PARTY-NOTICES.txt"), "utf8"),
    /\ncommander [0-9.]+ \(MIT\)\n/,
  );
  assert.ok(sizeOf(join(library, "datmo")) <= 8e6);
});
