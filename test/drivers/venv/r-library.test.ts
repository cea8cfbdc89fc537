import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createVenvs } from "../../../src/drivers/venv/venvs.ts";
import { isDatmoError } from "../../../src/protocol/errors.ts";
import { activateVenv } from "../../../src/services/environments/activate-venv.ts";

/** The real renv is on CRAN only: this one has its call and its words, and installs from a folder. */
const RENV = `restore <- function(lockfile, library, prompt, clean) {
  names <- regmatches(l <- readLines(lockfile), regexpr('(?<="Package": ")[^"]+', l, perl = TRUE))
  for (name in names) {
    source <- file.path(Sys.getenv("TEST_R_SOURCES"), name)
    if (!dir.exists(source)) stop(sprintf("failed to retrieve package '%s@1.0'", name))
    install.packages(source, lib = library, repos = NULL, type = "source", quiet = TRUE)
  }
}
`;

function writePackage(folder: string, name: string, code: string, exported: string): void {
  mkdirSync(join(folder, name, "R"), { recursive: true });
  writeFileSync(
    join(folder, name, "DESCRIPTION"),
    `Package: ${name}\nVersion: 1.0\nTitle: T\nLicense: MIT\n`,
  );
  writeFileSync(join(folder, name, "NAMESPACE"), `export(${exported})\n`);
  writeFileSync(join(folder, name, "R", "code.R"), code);
}

function lock(...names: readonly string[]): Map<string, Buffer> {
  const packages = names.map((name) => `"${name}": {\n"Package": "${name}",\n"Version": "1.0"}`);
  const text = `{"R": {"Version": "3.1.0"}, "Packages": {${packages.join(",\n")}}}`;
  return new Map([["renv.lock", Buffer.from(text)]]);
}

test("a renv.lock becomes a library of its own; what renv cannot get is named", async (t) => {
  if (spawnSync("R", ["--version"]).error !== undefined) {
    return t.skip("R is not installed; get it with: apt-get install r-base-core");
  }
  const folder = mkdtempSync(join(tmpdir(), "datmo-renv-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writePackage(folder, "renv", RENV, "restore");
  writePackage(join(folder, "sources"), "beads", "beads <- function() 42\n", "beads");
  const library = join(folder, "library");
  mkdirSync(library);
  execFileSync("R", ["CMD", "INSTALL", "-l", library, join(folder, "renv")], { stdio: "ignore" });
  const variables = { ...process.env, R_LIBS: library, TEST_R_SOURCES: join(folder, "sources") };
  const venvs = createVenvs({ variables, cacheDirectory: join(folder, "cache") });

  const asked = { files: lock("beads"), directory: folder };
  const { venv, made } = await venvs.make(asked);
  assert.equal(made, true);
  assert.deepEqual(venv.packages.r, [{ name: "beads", version: "1.0" }]);
  assert.match(venv.tool, /^renv 1\.0/);
  assert.match(venv.notes.join(), /made with R 3\.1\.0, and this is R \d/);
  const environment = { ...process.env, ...activateVenv(venv, process.env) } as NodeJS.ProcessEnv;
  const answer = execFileSync("Rscript", ["-e", "cat(beads::beads())"], {
    env: environment,
    encoding: "utf8",
  });
  assert.equal(answer, "42");
  assert.equal((await venvs.make(asked)).made, false);

  const error = await venvs
    .make({ files: lock("beads", "nosuch"), directory: folder })
    .catch((thrown) => thrown);
  assert.ok(isDatmoError(error));
  assert.match(error.message, /^These packages cannot be had here: nosuch@1\.0/);
});
