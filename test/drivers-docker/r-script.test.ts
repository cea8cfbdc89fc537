import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, test } from "node:test";
import type { Run } from "../../src/protocol/types.ts";
import { makePlace } from "../helpers/datmo-process.ts";
import { importImage } from "../helpers/docker-engine.ts";
import { skip, useEngine } from "./helpers.ts";

/* An R script in an image that holds R and no Node: the client needs the run's folder only. */

const IMAGE = "datmo-r:test";
const noR =
  process.env["DATMO_TEST_REQUIRE"] !== "all" &&
  spawnSync("Rscript", ["-e", "for (p in c('jsonlite', 'processx', 'R6', 'rlang', 'cli')) loadNamespace(p)"])
    .status !== 0;

describe("R in a container", { skip: skip || (noR && "R is not installed, or without its packages") }, () => {
  const box = useEngine();

  test("logs, reads its config and asks for a snapshot, with no Node there", async (t) => {
    const place = makePlace(t);
    const variables = { DOCKER_HOST: box.engine.host };
    // R from this machine's own packages; jsonlite reads the config.
    const files = ["r-base-core", "r-cran-jsonlite", "libc-bin"].flatMap((name) => ["-p", name]);
    const changes = ["ENV PATH=/usr/bin:/bin", "ENV LC_ALL=C.UTF-8"];
    await importImage(box.engine, IMAGE, [...files, "-b", "/bin/bash"], changes);
    await place.ok("init", "--force");
    const library = join(place.directory, "library");
    mkdirSync(library);
    const words = ["CMD", "INSTALL", "--no-docs", "--no-test-load", `--library=${library}`];
    execFileSync("R", [...words, resolve("clients/r")], { stdio: "pipe" });
    place.write("train.R", SCRIPT);
    place.write(".datmoignore", "library/\n");
    const made = await place.datmo(["environment", "create", "--image", IMAGE, "--name", "r"], { variables });
    assert.equal(made.code, 0, made.stderr);
    const ran = await place.datmo(["run", "-e", "r", "-c", "lr=0.5", "Rscript", "train.R"], { variables });
    assert.equal(ran.code, 0, ran.stdout + ran.stderr);
    assert.match(ran.stdout, /^node: *$/m);
    const { items } = JSON.parse((await place.datmo(["run", "ls", "--json"])).stdout) as { items: Run[] };
    const [run] = items;
    assert.equal(run?.status, "succeeded");
    assert.equal(run?.config["lr"], 0.5);
    assert.equal(run?.config["epochs"], 3);
    assert.equal(run?.metrics["loss"], 1 / 300);
    assert.match(String(run?.summary?.["snapshot"]), /^[a-z2-7]{26}$/);
  });
});

const SCRIPT = `.libPaths(c("library", .libPaths()))
library(datmo)
cat("node:", Sys.which("node"), "\\n", sep = " ")
datmo_init(config = list(lr = 0.1, epochs = 3))
stopifnot(datmo_config()$lr == 0.5)
for (i in 1:300) datmo_log(list(loss = 1 / i), step = i)
snapshot <- datmo_snapshot("inside")
datmo_summary(snapshot = snapshot$id)
`;
