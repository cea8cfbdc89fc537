import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { validateResult } from "../../src/protocol/result-validators.js";
import { makePlace, type Place } from "../helpers/datmo-process.ts";
import { jupyterAt } from "../helpers/jupyter.ts";

const has = (name: string): boolean => spawnSync("sh", ["-c", `command -v ${name}`]).status === 0;
const noLab = has("jupyter-lab") ? false : "jupyter-lab: pip install jupyterlab";
const noNotebook = has("jupyter-notebook") ? false : "jupyter-notebook: apt-get install jupyter-notebook";

/** A project whose PATH begins with a folder of its own. */
function makeBench(
  t: Parameters<typeof makePlace>[0],
): Place & { readonly variables: Record<string, string> } {
  const place = makePlace(t);
  const tools = join(place.directory, "..", "tools");
  const path = [tools, process.env["PATH"]].join(delimiter);
  return { ...place, variables: { PATH: path, DISPLAY: "", SSH_CONNECTION: "" } };
}

/** A stand-in for a program that does not do what it should. */
function standIn(place: Place, name: string, script: string): void {
  place.write(`../tools/${name}`, `#!/bin/sh\n${script}\n`);
  chmodSync(join(place.directory, "..", "tools", name), 0o755);
}

async function addressOf(child: ReturnType<Place["start"]>): Promise<string> {
  let shown = "";
  for await (const chunk of child.stdout) {
    shown += String(chunk);
    if (shown.includes("\n")) return shown.split("\n")[0] ?? "";
  }
  throw new Error(`it ended without an address: ${shown}`);
}

for (const [kind, skip] of [
  ["jupyterlab", noLab],
  ["notebook", noNotebook],
] as const) {
  test(
    `${kind}: a cell logs to its run, Ctrl-C ends it with a snapshot, rerun opens it again`,
    { skip },
    async (t) => {
      const place = makeBench(t);
      await place.ok("init", "--force");
      place.write("a.txt", "before");
      const child = place.start([kind, "--name", "sitting", "--ready", "3m"], { variables: place.variables });
      const url = await addressOf(child);
      assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/(lab|tree)\?token=[0-9a-f]{48}$/);
      const jupyter = jupyterAt(url);
      assert.equal(await jupyter.status("/api/contents"), 200);
      assert.equal(await jupyter.status("/api/contents", true), 403);
      const [listed] = (await place.json("workspace.list", "workspace", "ls")).items;
      assert.deepEqual([listed?.url, listed?.name, listed?.kind], [url, "sitting", kind]);
      assert.equal(statSync(listed?.openFile ?? "").mode & 0o777, 0o600);
      const words = spawnSync("ps", ["-eo", "args"], { encoding: "utf8" }).stdout;
      assert.ok(
        !words.includes(new URL(url).searchParams.get("token") ?? ""),
        "the secret is on a command line",
      );
      const code = "import os; open('made.txt', 'w').write('x'); print(os.environ['DATMO_RUN_ID'])";
      assert.equal(await jupyter.execute(code), `${listed?.runId}\n`);
      const ended = once(child, "close");
      child.kill("SIGINT");
      assert.deepEqual(await ended, [0, null]);
      const { run } = await place.json("run.get", "run", "show", "sitting");
      assert.deepEqual([run.status, run.type], ["stopped", kind]);
      const { diff } = await place.json(
        "snapshot.diff",
        "snapshot",
        "diff",
        run.beforeSnapshotId ?? "",
        run.afterSnapshotId ?? "",
      );
      assert.ok(diff.code.some(({ path }) => path === "made.txt"));
      assert.equal(existsSync(listed?.openFile ?? ""), false);
      assert.equal(existsSync(join(place.directory, ".datmo/tasks", run.id, ".workspace")), false);

      const again = place.start(["rerun", "sitting", "--name", "again"], { variables: place.variables });
      const reopened = jupyterAt(await addressOf(again));
      assert.match(
        await reopened.execute("import os; print(os.getcwd(), os.path.exists('made.txt'))"),
        / True\n$/,
      );
      const closed = once(again, "close");
      await reopened.shutdown();
      assert.deepEqual(await closed, [0, null]);
      const second = (await place.json("run.get", "run", "show", "again")).run;
      assert.deepEqual([second.status, second.rerunOf, second.isolated], ["succeeded", run.id, true]);
      assert.equal(typeof second.afterSnapshotId, "string");
    },
  );
}

test("a program that does not answer, ends or finds its port taken is an error with its last words", async (t) => {
  const place = makeBench(t);
  await place.ok("init", "--force");
  const started = async (...words: string[]) => {
    const { stdout } = await place.datmo([...words, "--json"], { variables: place.variables });
    return JSON.parse(stdout).error;
  };
  standIn(place, "jupyter-lab", "echo still thinking; exec sleep 60");
  const slow = await started("jupyterlab", "--ready", "1s", "--name", "slow");
  assert.deepEqual([slow.kind, slow.details.log], ["WORKSPACE_NOT_READY", "still thinking\n"]);
  assert.equal((await place.json("run.get", "run", "show", "slow")).run.status, "stopped");
  standIn(place, "jupyter-lab", "echo no good; exit 3");
  const crashed = await started("jupyterlab", "--name", "crashed");
  assert.deepEqual([crashed.kind, crashed.details.log], ["WORKSPACE_FAILED", "no good\n"]);
  const { run } = await place.json("run.get", "run", "show", "crashed");
  assert.deepEqual([run.status, run.exitCode, typeof run.afterSnapshotId], ["failed", 3, "string"]);
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const address = taken.address();
  const port = typeof address === "object" ? address?.port : undefined;
  assert.equal((await started("jupyterlab", "-p", String(port))).kind, "PORT_TAKEN");
  taken.close();
  assert.equal((await started("rstudio")).kind, "WORKSPACE_PROGRAM_MISSING");
  assert.equal((await started("terminal", "-p", "1:2")).kind, "INVALID_PARAMS");
  assert.deepEqual((await place.json("workspace.list", "workspace", "ls")).items, []);
  assert.equal((await place.datmo(["workspace", "stop", "crashed"])).code, 4);
});

test(
  "several at once have ports of their own; over ssh the tunnel is told; one stop ends all",
  { skip: noLab },
  async (t) => {
    const place = makeBench(t);
    await place.ok("init", "--force");
    const variables = { ...place.variables, SSH_CONNECTION: "192.0.2.1 50000 192.0.2.2 2222", USER: "ada" };
    const both = await Promise.all(
      [1, 2].map(() => place.datmo(["jupyterlab", "-d", "--ready", "3m"], { variables })),
    );
    const third = await place.datmo(["jupyterlab", "-d", "--ready", "3m", "--json"], { variables });
    const validate = validateResult["workspace.start"];
    assert.ok(validate(JSON.parse(third.stdout)), JSON.stringify(validate.errors));
    const ports = both.map(({ stdout }) => new URL(stdout.trim()).port);
    assert.equal(new Set(ports).size, 2);
    for (const [index, { stderr }] of both.entries()) {
      assert.ok(
        stderr.includes(`ssh -N -L ${ports[index]}:127.0.0.1:${ports[index]} -p 2222 ada@192.0.2.2`),
        stderr,
      );
    }
    const stopped = await place.json("workspace.stop", "workspace", "stop", "--all");
    assert.deepEqual(
      stopped.runs.map(({ status }) => status),
      ["stopped", "stopped", "stopped"],
    );
  },
);
