import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { makePlace } from "./helpers.ts";

const ENGINE = fileURLToPath(new URL("../../fixtures/host/full-disk.ts", import.meta.url));
const canMount = spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0;

test(
  "a disk filled by the command still takes its exit code",
  {
    skip: canMount ? false : "needs `unshare -rm` and tmpfs",
  },
  (t) => {
    const place = makePlace(t);
    mkdirSync(join(place.directory, "disk"));
    const script = `mount -t tmpfs -o size=256k none disk && exec "$0" --import "$1" "$2" disk/run1 > result.json`;
    const words = ["-rm", "sh", "-c", script, process.execPath, import.meta.resolve("tsx"), ENGINE];
    const done = spawnSync("unshare", words, { cwd: place.directory });
    assert.equal(done.status, 0, String(done.stderr));
    const result = JSON.parse(readFileSync(join(place.directory, "result.json"), "utf8")) as {
      exit: string;
      free: number;
    };
    assert.equal(result.free, 0);
    assert.match(result.exit, /^\{"exitCode":3,"endedAt":"[^"]+"\}\s+$/);
  },
);
