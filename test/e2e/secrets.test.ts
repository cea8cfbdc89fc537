import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { makePlace } from "../helpers/datmo-process.ts";

test("--secret and --env-file: given to the command, also in the background; kept nowhere; asked for again", async (t) => {
  const place = makePlace(t);
  const variables = { TYPED: "plain-word" };
  const datmo = (...argv: string[]) => place.datmo(argv, { variables });
  await place.ok("init", "--force");
  place.write(".env", "IN_FILE='other plain-word'\n");
  const words = [
    "--secret",
    "TYPED",
    "--env-file",
    ".env",
    "printf %s \"$TYPED$IN_FILE\" | wc -c | sed 's/^ */n: /'",
  ];
  assert.match((await datmo("run", "--name", "one", ...words)).stderr, /one: succeeded.*n 26/);
  const id = (await datmo("run", "-d", ...words)).stdout.trim();
  assert.equal((await place.datmo(["run", "wait", id])).code, 0);
  assert.equal(await place.ok("run", "logs", id), "n: 26\n");
  assert.match((await datmo("rerun", "one", "--verify")).stdout, /^Same/m);
  const refused = await place.datmo(["rerun", "one"]);
  assert.deepEqual([refused.code, /needs TYPED/.test(refused.stderr)], [125, true]);
  const wrong = await place.datmo(["run", "--env-file", "nowhere.env", "true"]);
  assert.deepEqual([wrong.code, /nowhere\.env cannot be used/.test(wrong.stderr)], [125, true]);
  const look = `grep -rl plain-word ${join(place.directory, ".datmo")}; true`;
  assert.equal(execFileSync("sh", ["-c", look]).toString(), "");
});
