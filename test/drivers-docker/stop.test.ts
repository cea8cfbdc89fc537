import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { containersOf, makePlace, outputOf, skip, until, useEngine } from "./helpers.ts";

describe("stopping containers", { skip }, () => {
  const box = useEngine();

  test("a command that obeys ends by the signal, at once, whatever the grace", async (t) => {
    for (const [signal, code] of [
      ["SIGTERM", 143],
      ["SIGINT", 130],
    ] as const) {
      for (const command of ["touch ready; exec sleep 600", ["sh", "-c", "touch ready; sleep 600"]]) {
        const place = makePlace(t, box.engine.host);
        const spec = place.spec(command);
        const { exited } = await place.driver.start(spec);
        await until(() => existsSync(join(place.root, "ready")));
        await place.driver.stop(spec.taskDirectory, { graceMs: 600_000, signal });
        assert.deepEqual(await exited.then((exit) => [exit.exitCode, exit.signal]), [code, signal]);
        assert.equal((await place.driver.inspect(spec.taskDirectory)).state, "ended");
        assert.deepEqual(await containersOf(box.engine, place.root), []);
      }
    }
  });

  test("what a shell started gets its grace, though the shell itself dies at once", async (t) => {
    const place = makePlace(t, box.engine.host);
    const child = "trap 'sleep 0.3; echo saved; exit 0' TERM; touch ready; while :; do sleep 0.02; done";
    const spec = place.spec(`sh -c "${child}"; echo after`);
    const { exited } = await place.driver.start(spec);
    await until(() => existsSync(join(place.root, "ready")));
    await place.driver.stop(spec.taskDirectory, { graceMs: 600_000 });
    assert.equal((await exited).exitCode, 143);
    // The shell in between may say that its own child was terminated.
    assert.match(outputOf(spec.taskDirectory), /^(Terminated\n)?saved\n$/);
  });

  test("stopping twice, at once or later, or what never ran, does no harm", async (t) => {
    const place = makePlace(t, box.engine.host);
    const spec = place.spec("touch ready; sleep 600");
    const { exited } = await place.driver.start(spec);
    await until(() => existsSync(join(place.root, "ready")));
    const stop = () => place.driver.stop(spec.taskDirectory, { graceMs: 10_000 });
    await Promise.all([stop(), stop()]);
    await stop();
    assert.equal((await exited).exitCode, 143);
    await place.driver.stop(place.spec("true").taskDirectory, { graceMs: 0 });
  });
});
