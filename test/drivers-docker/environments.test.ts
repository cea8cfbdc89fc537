import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { isDatmoError } from "../../src/protocol/errors.ts";
import { openTestEngine, removeTestEngine } from "../helpers/engine.ts";
import { BUSYBOX, skip, useEngine } from "./helpers.ts";

describe("environments on a real engine", { skip }, () => {
  const box = useEngine();

  test("built, recorded, found again, got back when it is gone, cancelled", async () => {
    const variables = { ...process.env, DOCKER_HOST: box.engine.host };
    const engine = await openTestEngine({ variables });
    try {
      const folder = join(engine.directory, "datmo_environment");
      await mkdir(folder);
      const dockerfile = (text: string): void =>
        writeFileSync(join(folder, "Dockerfile"), `FROM ${BUSYBOX}\nCOPY settings.ini /\n${text}\n`);
      writeFileSync(join(folder, "settings.ini"), "[a]\r\n");
      dockerfile("RUN ! grep -q \"$(printf '\\r')\" /settings.ini");
      const first = await engine.call("environment.build", {});
      assert.equal(first.cached, false);
      assert.match(first.build?.imageId ?? "", /^sha256:[0-9a-f]{64}$/);
      assert.match(first.build?.platform ?? "", /^linux\//);
      const second = await engine.call("environment.build", {});
      assert.deepEqual([second.cached, second.build?.imageId], [true, first.build?.imageId]);
      const { id } = first.environment;
      const removed = await engine.call("environment.delete", { ids: [id], images: true });
      assert.deepEqual(removed.images, [first.build?.imageId]);
      assert.equal((await engine.call("environment.build", {})).cached, false);

      dockerfile("RUN sleep 60");
      const stop = new AbortController();
      const building = engine.call("environment.build", {}, stop.signal);
      setTimeout(() => stop.abort(), 500);
      await assert.rejects(building, (error) => isDatmoError(error) && error.kind === "CANCELLED");
    } finally {
      await removeTestEngine(engine);
    }
  });
});
