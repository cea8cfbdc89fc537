import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import type { UsageProbe, UsageReading } from "../../src/services/ports/usage.ts";
import { makePlace, type Place, skip, until, useEngine } from "./helpers.ts";

/* What real containers use, looked at from outside. */

const MIB = 2 ** 20;
const BUSY = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; echo ready >/task/ready; sleep 300";

describe("usage of containers", { skip }, () => {
  const box = useEngine();

  async function started(
    t: TestContext,
  ): Promise<{ place: Place; taskDirectory: string; probe: UsageProbe }> {
    const place = makePlace(t, box.engine.host);
    const spec = place.spec(BUSY);
    const { exited } = await place.driver.start(spec);
    exited.catch(() => undefined);
    return { place, taskDirectory: spec.taskDirectory, probe: await place.driver.usage(spec.taskDirectory) };
  }

  function used(reading: UsageReading | undefined): boolean {
    return (reading?.cpuSeconds ?? 0) > 0.05 && (reading?.memoryBytes ?? 0) > 0;
  }

  test("processor time and memory of a container that runs, and nothing of one that has ended", async (t) => {
    const { place, taskDirectory, probe } = await started(t);
    const reading = await until(async () => {
      const found = await probe.read();
      return used(found) && found;
    });
    assert.ok((reading.memoryBytes ?? 0) < 200 * MIB, `${reading.memoryBytes} bytes`);
    assert.ok((reading.cpuSeconds ?? 0) < 300, `${reading.cpuSeconds} s`);
    await place.driver.stop(taskDirectory, { graceMs: 0 });
    assert.equal(await probe.read(), undefined);
    assert.equal(await (await place.driver.usage(taskDirectory)).read(), undefined);
  });

  test("a watch that is closed while the engine is asked answers at once", async (t) => {
    const { place, taskDirectory, probe } = await started(t);
    const reading = probe.read();
    probe.close();
    await reading;
    assert.equal(await probe.read(), undefined);
    await place.driver.stop(taskDirectory, { graceMs: 0 });
  });
});
