import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { DATMO, makePlace } from "../helpers/datmo-process.ts";

test("a terminal that is closed stops its run; the run's end is recorded, and nothing aborts", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  const command = [process.execPath, DATMO, "run", "echo begun; sleep 30"];
  const script = "test/fixtures/e2e/close_terminal.py";
  const argv = [join(process.cwd(), script), ...command];
  const told = execFileSync("python3", argv, { cwd: place.directory, encoding: "utf8" });
  assert.equal(Number(told), -constants.signals.SIGHUP);
  const { items } = await place.json("run.list", "ls");
  assert.equal(items[0]?.status, "stopped");
  assert.ok(items[0]?.afterSnapshotId);
  assert.deepEqual(readdirSync(join(place.directory, ".datmo", "open")), []);
});

test("no credential is left on the disk by a run of any kind", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  const secrets = [
    "zXk29fQpL0vWm3TtBa81",
    "hunter2-Correct9",
    "p4ssw0rdInUrl77",
    "ghp_aB3dE5gH7jK9mN1pQ3sT5vX7zA2cE4gI6kM8",
  ];
  const [variable, password, address, token] = secrets;
  const options = [
    ["--env", `API_KEY=${variable}`, "-c", `password=${password}`],
    ["-c", `db.url=postgres://me:${address}@host/db`, "--timeout", "1m"],
  ].flat();
  // It sees them all the same.
  const command = [
    "sh",
    "-c",
    'test "$API_KEY" && grep -q hunter2 "$DATMO_CONFIG"',
    "sh",
    "--token",
    `${token}`,
  ];
  for (const how of [[], ["--detach"], ["--isolated"]]) {
    await place.ok("run", ...how, "--name", `run${how[0] ?? ""}`, ...options, ...command);
    assert.equal((await place.datmo(["run", "wait", `run${how[0] ?? ""}`])).code, 0);
  }
  await place.ok("sync");
  const git = ["--git-dir", join(place.directory, ".datmo", "git")];
  const objects = execFileSync("git", [...git, "cat-file", "--batch-all-objects", "--batch"]);
  const files = readdirSync(join(place.directory, ".datmo"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  for (const secret of secrets) {
    assert.equal(objects.includes(secret), false, `${secret} in git`);
    const holding = files.filter((file) => readFileSync(file).includes(secret));
    assert.deepEqual(holding, []);
  }
});
