import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { containersOf, makePlace, outputOf, skip, useEngine } from "./helpers.ts";

describe("a full disk under a container's output", { skip }, () => {
  const box = useEngine();

  test("the command is not held up, the error says so, and nothing is lost once there is room", async (t) => {
    const place = makePlace(t, box.engine.host);
    const tasks = join(place.root, ".datmo", "tasks");
    const size = (kilobytes: number, how = "") =>
      spawnSync("mount", ["-t", "tmpfs", "-o", `${how}size=${kilobytes}k`, "tmpfs", tasks]).status;
    assert.equal(size(600), 0);
    try {
      const spec = place.spec("seq 300000; seq 1000 | tr '0-9\\n' 'a-j.' >&2; touch ended; exit 4");
      const { exited } = await place.driver.start(spec);
      await assert.rejects(exited, { kind: "DISK_FULL" });
      writeFileSync(join(place.root, "filled"), outputOf(spec.taskDirectory));
      assert.equal(size(20_000, "remount,"), 0);
      const state = await place.driver.inspect(spec.taskDirectory);
      assert.equal(state.state === "ended" && state.exit.exitCode, 4);
      const lines = (count: number) => Array.from({ length: count }, (_, i) => `${i + 1}\n`).join("");
      const output = outputOf(spec.taskDirectory);
      assert.equal(output.replace(/[a-j.]/g, ""), lines(300_000));
      const other = output.replace(/[0-9\n]/g, "").replace(/[a-j]/g, (one) => String(one.charCodeAt(0) - 97));
      assert.equal(other.replaceAll(".", "\n"), lines(1000));
      assert.deepEqual(await containersOf(box.engine, place.root), []);
    } finally {
      spawnSync("umount", ["-l", tasks]);
    }
  });
});
