import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createCapture } from "../../../src/drivers/capture/capture.ts";
import { findR } from "../../../src/drivers/capture/r/r-installation.ts";
import { canRun } from "../../helpers/snapshot-project.ts";
import { temporaryFolder, writeFiles, writeScript } from "./fixtures.ts";

/** R's start-up files write variables as the shell does. */
function shell(text: string): string {
  return text.replaceAll("@{", "${");
}

/** An installation of R as Debian lays it out, made of files only. */
function fakeR(root: string): Record<string, string> {
  const home = join(root, "usr/lib/R");
  writeScript(join(root, "usr/bin/R"), `#!/bin/sh\n# Shell wrapper\nR_HOME_DIR=${home}\nexit 1\n`);
  writeFiles(home, {
    "library/base/DESCRIPTION": "Package: base\nVersion: 4.3.1\nPriority: base\n",
    "library/stats/DESCRIPTION": "Package: stats\nVersion: 4.3.1\nPriority: base\n",
    "library/MASS/DESCRIPTION": "Package: MASS\nVersion: 7.3-60\nPriority: recommended\n",
    "etc/Renviron": [
      shell("R_PLATFORM=@{R_PLATFORM-'x86_64-pc-linux-gnu'}"),
      shell("R_LIBS_SITE=@{R_LIBS_SITE:-'%S'}"),
      shell("R_LIBS_USER=@{R_LIBS_USER:-'%U'}"),
      "",
    ].join("\n"),
  });
  writeFiles(root, {
    "home/R/x86_64-pc-linux-gnu-library/4.3/dplyr/DESCRIPTION":
      "Package: dplyr\nVersion: 1.1.4\nDepends: R (>= 3.5.0)\nImports: cli (>= 3.4.0), stats,\n    tibble (>= 3.2.0)\n",
    "usr/lib/R/site-library/cli/DESCRIPTION": "Package: cli\nVersion: 3.6.2\nImports: utils\n",
    "usr/lib/R/site-library/tibble/DESCRIPTION":
      "Package: tibble\nVersion: 3.2.1\nRemoteType: github\nRemoteHost: api.github.com\nRemoteUsername: tidyverse\nRemoteRepo: tibble\nRemoteSha: abc\nImports: dplyr\n",
    "usr/lib/R/site-library/dplyr/DESCRIPTION": "Package: dplyr\nVersion: 0.1\n",
  });
  return { PATH: join(root, "usr/bin"), HOME: join(root, "home") };
}

test("describes R and the packages in use with all that they need, without starting it", async (t) => {
  const root = temporaryFolder(t);
  const environment = fakeR(root);
  writeFiles(root, {
    "project/fit.R": "library(dplyr)\nMASS::fractions(1)\nlibrary(not.installed)\nlibrary('..')\n",
  });
  const capture = createCapture({ projectDirectory: join(root, "project"), environment });
  assert.deepEqual((await capture.environment()).r, {
    version: "4.3.1",
    packages: [
      { name: "MASS", version: "7.3-60" },
      { name: "cli", version: "3.6.2" },
      { name: "dplyr", version: "1.1.4" },
      { name: "tibble", version: "3.2.1", source: "https://github.com/tidyverse/tibble@abc" },
    ],
    missing: ["not.installed"],
  });
});

test("takes what a project that is a package itself says that it needs", async (t) => {
  const root = temporaryFolder(t);
  const environment = fakeR(root);
  writeFiles(root, {
    "project/DESCRIPTION":
      "Package: mine\nVersion: 1\nDepends: R (>= 4.0)\nImports:\n    cli,\n    absent (>= 1)\nLinkingTo: MASS\n",
    "project/R/f.R": "f <- function() 1\n",
    "project/tests/test.R": "library(mine)\n",
  });
  const capture = createCapture({ projectDirectory: join(root, "project"), environment });
  assert.deepEqual((await capture.environment()).r, {
    version: "4.3.1",
    packages: [
      { name: "MASS", version: "7.3-60" },
      { name: "cli", version: "3.6.2" },
    ],
    missing: ["absent"],
  });
});

test("looks for R only where there is R code, a document with some, or renv.lock", async (t) => {
  const root = temporaryFolder(t);
  const environment = fakeR(root);
  const has = async (files: Record<string, string>): Promise<boolean> => {
    const projectDirectory = temporaryFolder(t);
    writeFiles(projectDirectory, files);
    return (await createCapture({ projectDirectory, environment }).environment()).r !== undefined;
  };
  assert.equal(await has({ "a.py": "" }), false);
  assert.equal(await has({ "a.qmd": "```{python}\nimport x\n```" }), false);
  assert.equal(await has({ "a.qmd": "```{r}\n1 + 1\n```" }), true);
  assert.equal(await has({ "a.R": "1 + 1" }), true);
  assert.equal(await has({ "renv.lock": "{}" }), true);
});

test("searches the library of renv, R_LIBS and the user's own settings", (t) => {
  const root = temporaryFolder(t);
  const variables = fakeR(root);
  const project = join(root, "project");
  const base = join(root, "usr/lib/R/library");
  const site = join(root, "usr/lib/R/site-library");
  assert.deepEqual(
    findR(project, { ...variables, R_LIBS: "lib:/opt/lib", R_LIBS_USER: "~/mine/%v" })?.libraries,
    [join(project, "lib"), "/opt/lib", join(root, "home/mine/4.3"), site, base],
  );
  const settings = {
    "home/.Renviron": shell('# comment\nOWN=~/own\nR_LIBS_USER="@{OWN}:@{NOT_SET-@{NOR_THIS:-/deep}}"\n'),
    "usr/lib/R/etc/Renviron.site": shell("R_LIBS_SITE=/local:@{R_LIBS_SITE}\nBROKEN=@{OPEN\n"),
  };
  writeFiles(root, settings);
  assert.deepEqual(findR(project, variables)?.libraries, [
    join(root, "home/own"),
    "/deep",
    "/local",
    site,
    base,
  ]);
  writeFiles(project, { "renv/activate.R": "x" });
  for (const library of ["renv/library/R-4.3/x86_64", "renv/library/debian/R-4.3/x86_64"]) {
    writeFiles(project, { [`${library}/x/DESCRIPTION`]: "" });
    assert.ok(findR(project, variables)?.libraries[0]?.endsWith("/x86_64"));
  }
});

test("there is no R where nothing or something broken is", (t) => {
  const root = temporaryFolder(t);
  assert.equal(findR(root, {}), undefined);
  writeScript(join(root, "bin/R"), "\0\xff");
  assert.equal(findR(root, { PATH: join(root, "bin") }), undefined);
  assert.equal(findR(root, { R_HOME: root }), undefined);
});

test("sees a package that the real R installs, and its next version", async (t) => {
  if (!canRun("R", "--version"))
    return t.skip("R is not installed; get it with: apt-get install r-base-core");
  const root = temporaryFolder(t);
  const environment = { ...process.env, R_LIBS: join(root, "library") };
  mkdirSync(join(root, "library"));
  writeFiles(root, { "project/fit.Rmd": "```{r}\nlibrary(tinypkg)\nstats::sd(1:3)\n```\n" });
  const capture = createCapture({ projectDirectory: join(root, "project"), environment });
  assert.deepEqual((await capture.environment()).r?.missing, ["tinypkg"]);
  for (const version of ["0.1.2", "0.2.0"]) {
    writeFiles(root, {
      "tinypkg/DESCRIPTION": `Package: tinypkg\nVersion: ${version}\nTitle: Tiny\nDescription: Tiny.\nLicense: MIT\nAuthor: A\nMaintainer: A <a@b.c>\nImports: utils\n`,
      "tinypkg/NAMESPACE": "export(one)\n",
      "tinypkg/R/one.R": "one <- function() 1\n",
    });
    const installed = spawnSync(
      "R",
      ["CMD", "INSTALL", "--no-docs", "--no-test-load", "--no-byte-compile", join(root, "tinypkg")],
      { env: environment, encoding: "utf8" },
    );
    assert.equal(installed.status, 0, installed.stderr);
    assert.deepEqual((await capture.environment()).r?.packages, [{ name: "tinypkg", version }]);
  }
});

test("agrees with the R of this machine", async (t) => {
  const script =
    'cat(R.version$major, ".", R.version$minor, "\\n", paste(.libPaths(), collapse=":"), sep="")';
  const run = spawnSync("Rscript", ["--vanilla", "-e", script], { encoding: "utf8" });
  if (run.error !== undefined) return t.skip("R is not installed; get it with: apt-get install r-base-core");
  const [version, libraries] = run.stdout.split("\n");
  const found = findR(temporaryFolder(t), process.env);
  assert.equal(found?.version, version);
  for (const library of (libraries ?? "").split(":")) assert.ok(found?.libraries.includes(library), library);
});
