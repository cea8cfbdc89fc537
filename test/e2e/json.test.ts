import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { rootCommand } from "../../src/cli/commands.ts";
import { describeCommands } from "../../src/cli/describe-commands.ts";
import type { Method } from "../../src/protocol/methods.ts";
import { makePlace, type Place } from "../helpers/datmo-process.ts";

/** For every command that has a method: words that make it answer. */
const ANSWERING: [words: string[], method: Method, rest: string[]][] = [
  [["init"], "project.create", ["--name", "digits"]],
  [["status"], "project.status", []],
  [["run"], "run.wait", ["-c", "lr=0.5", "echo loss: 1"]],
  [["run"], "run.start", ["-d", "sleep 30"]],
  [["run"], "queue.add", ["--queue", "echo loss: 3"]],
  [["run", "ls"], "run.list", ["--all"]],
  [["run", "ls"], "run.list", ["--limit", "1"]],
  [["run", "show"], "run.get", ["one"]],
  [["run", "logs"], "run.logs", ["one"]],
  [["run", "wait"], "run.wait", ["one"]],
  [["run", "diff"], "run.diff", ["one", "two"]],
  [["run", "metrics"], "metric.list", ["one"]],
  [["run", "metrics"], "metric.history", ["one", "loss"]],
  [["run", "metrics"], "metric.history", ["one", "loss", "--plot"]],
  [["run", "update"], "run.update", ["one", "--tag", "x"]],
  [["ls"], "run.list", ["--filter", "metrics.loss >= 1"]],
  [["rerun"], "run.wait", ["one"]],
  [["rerun"], "run.verify", ["one", "--verify"]],
  [["stop"], "run.stop", ["--all"]],
  [["delete"], "run.delete", ["two"]],
  [["undelete"], "run.undelete", ["TWO"]],
  [["log"], "metric.log", ["acc=1", "--run", "one"]],
  [["snapshot", "create"], "snapshot.create", ["-m", "x", "-l", "best", "-s", "acc:nan"]],
  [["snapshot", "ls"], "snapshot.list", ["--all"]],
  [["snapshot", "inspect"], "snapshot.get", ["best"]],
  [["snapshot", "diff"], "snapshot.diff", ["best", "best"]],
  [["snapshot", "checkout"], "snapshot.checkout", ["best"]],
  [["snapshot", "update"], "snapshot.update", ["best", "-m", "y"]],
  [["snapshot", "export"], "snapshot.export", ["best", "../out"]],
  [["snapshot", "delete"], "snapshot.delete", ["best"]],
  [["environment", "setup"], "environment.setup", ["--framework", "conda"]],
  [["environment", "create"], "environment.create", ["--image", "busybox:1", "--name", "box"]],
  [["environment", "ls"], "environment.list", []],
  [["environment", "show"], "environment.get", ["box"]],
  [["environment", "update"], "environment.update", ["box", "--description", "small"]],
  [["environment", "use"], "environment.use", ["host"]],
  [["environment", "build"], "environment.build", []],
  [["environment", "export"], "environment.export", ["box", "../box"]],
  [["environment", "delete"], "environment.delete", ["box"]],
  [["task", "ls"], "task.list", []],
  [["task", "show"], "task.get", ["TASK"]],
  [["task", "run"], "run.wait", ["TASK"]],
  [["task", "run"], "task.run", ["TASK", "-d"]],
  [["sweep"], "sweep.start", ["--queue", "--name", "s", "--grid", "a=1,2", "--", "true"]],
  [["sweep"], "sweep.get", ["--resume", "s"]],
  [["sweep", "show"], "sweep.get", ["s"]],
  [["sweep", "ls"], "sweep.list", ["--limit", "1"]],
  [["queue", "ls"], "queue.list", []],
  [["queue", "cancel"], "queue.cancel", ["--all"]],
  [["graph"], "graph.get", []],
  [["sync"], "store.sync", []],
  [["sync", "push"], "store.push", ["../team.git"]],
  [["sync", "pull"], "store.pull", []],
  [["gc"], "store.gc", ["--dry-run"]],
  [["du"], "store.usage", []],
  [["purge"], "store.purge", ["secret.txt", "--yes"]],
  [["fsck"], "store.fsck", []],
  [["doctor"], "project.doctor", []],
  [["terminal"], "run.wait", ["--name", "shell"]],
  [["workspace", "ls"], "workspace.list", []],
  [["workspace", "stop"], "workspace.stop", ["--all"]],
  [["export"], "exporter.run", ["--format", "csv", "../exported", "--run", "one"]],
  [["import"], "importer.run", ["../dvclive", "--from", "dvclive"]],
  [["plugin", "new"], "plugin.create", ["made", "--dir", "../made"]],
  [["plugin", "test"], "plugin.test", ["../greeter"]],
  [["plugin", "install"], "plugin.install", ["../greeter"]],
  [["plugin", "ls"], "plugin.list", []],
  [["plugin", "show"], "plugin.get", ["greeter"]],
  [["plugin", "grant"], "plugin.grant", ["greeter", "--asked"]],
  [["plugin", "call"], "plugin.call", ["greeter", "greet"]],
  [["plugin", "revoke"], "plugin.revoke", ["greeter"]],
  [["plugin", "remove"], "plugin.remove", ["greeter"]],
  [["cleanup"], "project.delete", ["--yes"]],
];

/** Tried where there are programs to be started: workspaces.test.ts. */
const STARTED = [
  ...["jupyterlab", "notebook", "rstudio"].map((word) => `${word}: workspace.start`),
  // It goes on until it is ended: plugins/dev.test.ts.
  "plugin dev: plugin.call",
];

const WORKER: readonly Method[] = ["queue.claim", "run.wait"];

describe("under --json stdout holds exactly the method's result", () => {
  const place = makePlace({ after });
  const ids = new Map<string, string>();
  before(async () => {
    execFileSync("git", ["init", "-q", "--bare", join(place.directory, "../team.git")]);
    place.write("secret.txt", "hunter2\n");
    writeGreeter(place);
    place.write("../dvclive/metrics.json", '{"loss": 0.5, "step": 1}');
    place.write("../dvclive/plots/metrics/loss.tsv", "step\tloss\n0\t1.0\n1\t0.5\n");
    await place.ok("init", "--force");
    await place.ok("run", "--name", "one", "echo loss: 1; echo more >&2");
    await place.ok("run", "--name", "two", "echo loss: 2");
    const { run } = await place.json("run.get", "run", "show", "two");
    ids.set("TWO", run.id).set("TASK", run.taskId ?? "");
  });

  for (const [words, method, rest] of ANSWERING) {
    test([...words, ...rest].join(" "), async () => {
      const argv = [...words, "--json", ...rest.map((word) => ids.get(word) ?? word)];
      const variables = { XDG_CONFIG_HOME: join(place.directory, "../config") };
      const { stdout } = await place.datmo(argv, { variables });
      const text = stdout.trimEnd();
      assert.doesNotMatch(text, /\n/);
      assert.equal((await checked(method, text)) instanceof Object, true);
    });
  }

  test("worker prints a line when a run starts, and one when it has ended", async () => {
    await place.ok("init", "--force");
    await place.ok("run", "--queue", "-e", "host", "echo loss: 4");
    const lines = (await place.ok("worker", "--json", "--once")).trimEnd().split("\n");
    assert.equal(lines.length, WORKER.length);
    for (const [at, method] of WORKER.entries()) await checked(method, lines[at] ?? "");
  });

  test("each method of the table of commands is tried above", async () => {
    const worker = WORKER.map((method): [string[], Method] => [["worker"], method]);
    const tried = new Set([
      ...[...ANSWERING, ...worker].map(([words, method]) => `${words.join(" ")}: ${method}`),
      ...STARTED,
    ]);
    for (const { words, methods } of await describeCommands(rootCommand)) {
      for (const method of methods) {
        const name = `${words.slice(1).join(" ")}: ${method}`;
        assert.ok(tried.has(name), name);
      }
    }
  });
});

function writeGreeter(place: Place): void {
  const provides = [{ kind: "command", name: "greet", description: "says hello" }];
  const manifest = {
    name: "greeter",
    version: "1.0.0",
    engine: "1",
    main: "main.ts",
    provides,
    permissions: {},
  };
  place.write("../greeter/datmo-plugin.json", JSON.stringify(manifest));
  place.write(
    "../greeter/main.ts",
    'import { definePlugin } from "datmo-plugin";\nexport default definePlugin({ commands: { greet: async () => "hello" } });\n',
  );
}

async function checked(method: Method, text: string): Promise<unknown> {
  const { validateResult } = await import("../../src/protocol/result-validators.js");
  const result = JSON.parse(text);
  const validate = validateResult[method];
  assert.ok(validate(result), `${JSON.stringify(validate.errors)} ${text}`);
  return result;
}

test("an error is JSON too when --json follows an option's value", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  const { stdout } = await place.datmo(["run", "--name", "x", "-e", "nowhere", "--json", "true"]);
  assert.equal(JSON.parse(stdout).error.kind, "ENVIRONMENT_NOT_FOUND");
});
