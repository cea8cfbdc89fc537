import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { makePlace, type Place, untilPrinted } from "../helpers/datmo-process.ts";
import { jupyterAt } from "../helpers/jupyter.ts";

const has = (name: string): boolean => spawnSync("sh", ["-c", `command -v ${name}`]).status === 0;
const noLab = has("jupyter-lab") ? false : "jupyter-lab: pip install jupyterlab";
const noNotebook = has("jupyter-notebook") ? false : "jupyter-notebook: apt-get install jupyter-notebook";
const HERE = { DISPLAY: "", WAYLAND_DISPLAY: "", SSH_CONNECTION: "" };
/** Looks with a pause between them; the test's own limit ends them. */
const LOOK_MS = 100;

test(
  "a terminal that is closed over a busy kernel ends it with a snapshot; rerun --here brings that back",
  {
    skip: noLab,
  },
  async (t) => {
    const place = makePlace(t);
    await place.ok("init", "--force");
    place.write("a.txt", "before\n");
    const child = place.start(["jupyterlab", "--name", "sitting", "--ready", "3m"], { variables: HERE });
    t.after(() => child.kill());
    const url = await addressOf(child);
    const busy = jupyterAt(url)
      .execute("open('made.txt', 'w').write('x'); import time; time.sleep(600)")
      .catch((error: Error) => error.message);
    while (!existsSync(join(place.directory, "made.txt"))) await pause();
    const ended = once(child, "close");
    child.kill("SIGHUP");
    await ended;
    assert.match(await busy, /the kernel is gone/);
    const { run } = await place.json("run.get", "run", "show", "sitting");
    assert.deepEqual([run.status, typeof run.afterSnapshotId], ["stopped", "string"]);
    assert.deepEqual((await place.json("workspace.list", "workspace", "ls")).items, []);

    rmSync(join(place.directory, "made.txt"));
    const words = ["rerun", "sitting", "--here", "--name", "again"];
    const again = place.start(words, { variables: HERE });
    t.after(() => again.kill());
    const closed = once(again, "close");
    const reopened = jupyterAt(await addressOf(again));
    assert.equal(place.read("made.txt"), "x");
    assert.equal(await reopened.execute("import os; print(os.getcwd())"), `${place.directory}\n`);
    const [second] = (await place.json("workspace.stop", "workspace", "stop", "again")).runs;
    assert.deepEqual([second?.status, second?.rerunOf, second?.isolated], ["stopped", run.id, undefined]);
    assert.deepEqual(await closed, [0, null]);
  },
);

for (const [kind, skip] of [
  ["jupyterlab", noLab],
  ["notebook", noNotebook],
] as const) {
  test(`${kind}: ends by itself when nothing is done, its kernels too`, { skip }, async (t) => {
    const place = makePlace(t);
    await place.ok("init", "--force");
    const words = [kind, "--idle", "4s", "--name", "idle", "--ready", "3m"];
    const child = place.start(words, { variables: HERE });
    t.after(() => child.kill());
    const ended = once(child, "close");
    const url = await addressOf(child);
    assert.equal(await jupyterAt(url).execute("print(6 * 7)"), "42\n");
    assert.deepEqual(await ended, [0, null]);
    const { run } = await place.json("run.get", "run", "show", "idle");
    assert.deepEqual([run.status, typeof run.afterSnapshotId], ["succeeded", "string"]);
  });
}

test("Python starts, lists and stops a workspace", { skip: noLab }, async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  place.write("../start.py", START_PY);
  const { stdout, stderr } = client(place, "python3", ["../start.py"], {
    PYTHONPATH: resolve("clients/python/src"),
  });
  assert.match(stdout, /^http:\/\/127\.0\.0\.1:\d+\/lab\?token=[0-9a-f]{48} same stopped\n$/, stderr);
});

const noR = existsSync("/usr/share/jupyter/kernels/ir")
  ? false
  : "R's kernel: apt-get install r-cran-irkernel";
test(
  "R starts, lists and stops a workspace, and a cell of R logs to its run",
  { skip: noLab || noR },
  async (t) => {
    const place = makePlace(t);
    await place.ok("init", "--force");
    const library = join(place.directory, "..", "library");
    mkdirSync(library);
    const install = ["CMD", "INSTALL", "--no-docs", "--no-test-load", `--library=${library}`];
    const installed = spawnSync("R", [...install, resolve("clients/r")], { encoding: "utf8" });
    assert.equal(installed.status, 0, installed.stderr);
    place.write("../start.R", START_R);
    const variables = { R_LIBS: library };
    const { stdout, stderr } = client(place, "Rscript", ["../start.R"], variables);
    const url = /^(http:\S+) same\n$/.exec(stdout)?.[1];
    assert.ok(url, stdout + stderr);
    const cell = 'library(datmo); datmo_init(); datmo_log(list(loss = 0.5), step = 1); cat("logged\\n")';
    assert.match(await jupyterAt(url).execute(cell, "ir"), /logged\n$/);
    const stopped = client(place, "Rscript", ["-e", STOP_R], variables);
    assert.equal(stopped.stdout, "stopped 0.5\n", stopped.stderr);
  },
);

const START_PY = `import datmo
started = datmo.workspace.start("jupyterlab", ready_ms=180_000, name="mine", detached=True)
listed = datmo.workspace.list()["items"]
url = started["workspace"]["url"]
stopped = datmo.workspace.stop(id="mine")["runs"]
print(url, "same" if [one["url"] for one in listed] == [url] else listed, stopped[0]["status"])
`;

/** R's own libraries would come before those of the Python that Jupyter runs in. */
const START_R = `library(datmo)
Sys.unsetenv("LD_LIBRARY_PATH")
started <- datmo_workspace_start("jupyterlab", ready_ms = 180000, name = "mine", detached = TRUE)
url <- started$workspace$url
listed <- datmo_workspace_list()
cat(url, if (identical(listed$url, url)) "same\\n" else "other\\n")
`;

const STOP_R = `library(datmo)
run <- datmo_workspace_stop(id = "mine")
cat(run$status, run$metrics[[1]]$loss); cat("\\n")`;

/** A script of a client, on the built engine. */
function client(place: Place, program: string, words: readonly string[], variables: Record<string, string>) {
  const env = { ...process.env, ...HERE, DATMO_ENGINE: resolve("dist/engine.js"), ...variables };
  return spawnSync(program, words, { cwd: place.directory, env, encoding: "utf8", timeout: 300_000 });
}

async function addressOf(child: ReturnType<Place["start"]>): Promise<string> {
  let shown = "";
  child.stdout.on("data", (chunk: Buffer) => {
    shown += chunk.toString();
  });
  await untilPrinted(child, "\n");
  return shown.split("\n")[0] ?? "";
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}
