/* The tarball for npm, installed into an empty folder, with the network off. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { makeFolder, makePackages, makeProject, runOffline } from "./offline.ts";

const folder = makeFolder(after);
const place = join(folder, "empty");
let tarball: string;

before(() => {
  [tarball = ""] = makePackages(join(folder, "made"), ["npm"]);
  mkdirSync(place);
  const variables = { npm_config_cache: join(folder, "cache"), npm_config_update_notifier: "false" };
  runOffline(
    ["npm", "install", "--offline", "--no-audit", "--no-fund", "--prefix", place, tarball],
    place,
    variables,
  );
});

test("the quick start runs with no network", () => {
  const project = makeProject(folder);
  const datmo = (...words: string[]) =>
    runOffline([join(place, "node_modules/.bin/datmo"), ...words], project).stdout;
  datmo("init");
  datmo("run", "sh", "train.sh");
  datmo("run", "-c", "lr=0.1", "sh train.sh --lr {lr}");
  const listed = JSON.parse(datmo("ls", "--sort", "-metrics.loss", "--json"));
  assert.deepEqual(
    listed.items.map((item: { status: string; metrics: object }) => [item.status, item.metrics]),
    Array(2).fill(["succeeded", { loss: 0.25 }]),
  );
  datmo("snapshot", "create", "-m", "before the refactoring", "-l", "keep");
  datmo("snapshot", "checkout", "keep");
  assert.match(datmo("rerun", listed.items[0].id, "--verify"), /same/i);
});

test("nothing comes with it, and the notices are there", () => {
  assert.deepEqual(
    readdirSync(join(place, "node_modules")).filter((name) => !name.startsWith(".")),
    ["datmo"],
  );
  const notices = readFileSync(join(place, "node_modules/datmo/dist/THIRD-PARTY-NOTICES.txt"), "utf8");
  assert.ok(/\ncommander [0-9.]+ \(MIT\)\n/.test(notices));
});

test("it is the same each time", () => {
  const [again = ""] = makePackages(join(folder, "again"), ["npm"]);
  assert.deepEqual(readFileSync(again), readFileSync(tarball));
});
