import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { visibleGpus } from "../../../src/drivers/host/gpu-use.ts";
import { createHostDriver } from "../../../src/drivers/host/host-driver.ts";
import { watchProcesses } from "../../../src/drivers/host/usage.ts";
import type { UsageProbe, UsageReading } from "../../../src/services/ports/usage.ts";
import { identityOf } from "../../../src/util/process-identity.ts";
import { makePlace, type Place, until } from "./helpers.ts";

const MIB = 2 ** 20;

async function started(
  t: TestContext,
  command: string,
): Promise<{ place: Place; probe: UsageProbe; exited: Promise<unknown> }> {
  const place = makePlace(t);
  const driver = createHostDriver();
  const { exited, pid } = await driver.start(place.spec(command));
  // Its folder is gone by then, so the driver would not find it.
  t.after(() => killGroup(pid));
  return { place, probe: await driver.usage(place.taskDirectory), exited };
}

/** Reads until what is asked for is there. */
async function readUntil(probe: UsageProbe, fits: (reading: UsageReading) => boolean): Promise<UsageReading> {
  return until(async () => {
    const reading = await probe.read();
    return reading !== undefined && fits(reading) && reading;
  });
}

test("processor time of all processes, also of those that have ended", async (t) => {
  const busy = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done";
  const { probe, place } = await started(t, `(${busy}); (${busy}) & wait; echo done >done; exec sleep 300`);
  await until(() => existsSync(join(place.directory, "done")));
  const reading = await readUntil(probe, () => true);
  assert.ok((reading.cpuSeconds ?? 0) > 0.05, `${reading.cpuSeconds} s`);
  // Nothing but a sleeper is left: the count stands still, and does not fall.
  const again = await readUntil(probe, () => true);
  assert.ok((again.cpuSeconds ?? 0) >= (reading.cpuSeconds ?? 0));
  assert.ok((again.cpuSeconds ?? 0) < 60);
});

test("memory, that several processes share counted once, and what is written", async (t) => {
  const script = [
    "import os,time",
    "held = bytearray(b'x') * (80 << 20)",
    "open('out','wb').write(held[:8 << 20]); os.sync()",
    "for _ in range(3):",
    "    if os.fork() == 0: time.sleep(300)",
    "open('ready','w').close(); time.sleep(300)",
  ].join("\n");
  const { probe, place } = await started(t, `python3 -c "${script}"`);
  await until(() => existsSync(join(place.directory, "ready")));
  const { memoryBytes = 0, diskWriteBytes } = await readUntil(
    probe,
    ({ memoryBytes }) => memoryBytes !== undefined,
  );
  assert.ok(memoryBytes > 70 * MIB, `${memoryBytes} bytes`);
  assert.ok(memoryBytes < 200 * MIB, `${memoryBytes} bytes: 4 processes share 80 MiB`);
  assert.equal(typeof diskWriteBytes, "number");
});

test("there is nothing to be read of a run that has ended, that never began, or behind the end of a watch", async (t) => {
  const { probe, exited, place } = await started(t, "true");
  await exited;
  assert.equal(await probe.read(), undefined);
  const empty = await createHostDriver().usage(join(place.directory, "nowhere"));
  assert.equal(await empty.read(), undefined);
  const own = watchProcesses({ taskDirectory: place.taskDirectory, root: (await identityOf(process.pid))! });
  own.close();
  assert.equal(await own.read(), undefined);
});

test("a process that is the run itself is looked at with all that it has started", async (t) => {
  const place = makePlace(t);
  const child = spawn("/bin/sh", ["-c", "sleep 300 & wait"], { stdio: "ignore", detached: true });
  t.after(() => killGroup(child.pid!));
  await once(child, "spawn");
  const probe = watchProcesses({ taskDirectory: place.taskDirectory, root: (await identityOf(child.pid!))! });
  const reading = await readUntil(probe, ({ memoryBytes = 0 }) => memoryBytes > 0);
  assert.ok((reading.memoryBytes ?? 0) < 50 * MIB);
});

test("a GPU is in use when something of the run has it open", async (t) => {
  const place = makePlace(t);
  const devices = join(place.directory, "dev");
  mkdirSync(devices);
  const start = async (variable: string, file: string): Promise<UsageProbe> => {
    const fd = openSync(file, "a");
    const environment = { PATH: process.env["PATH"], CUDA_VISIBLE_DEVICES: variable };
    const child = spawn("sleep", ["300"], { stdio: ["ignore", fd, "ignore"], env: environment });
    closeSync(fd);
    t.after(() => child.kill("SIGKILL"));
    await once(child, "spawn");
    return watchProcesses({
      taskDirectory: place.taskDirectory,
      root: (await identityOf(child.pid!))!,
      devices,
    });
  };
  const before = await start("1", join(devices, "nvidia0"));
  assert.equal((await readUntil(before, () => true)).gpu, undefined, "no driver");
  writeFileSync(join(devices, "nvidiactl"), "");
  assert.deepEqual((await readUntil(before, ({ gpu }) => gpu !== undefined)).gpu, { ids: ["1"] });
  const other = await start("1", join(place.directory, "elsewhere"));
  assert.equal((await readUntil(other, () => true)).gpu, undefined, "not open");
  assert.deepEqual(visibleGpus("0, 2"), { ids: ["0", "2"] });
  assert.deepEqual(visibleGpus("GPU-0a1b2c3d"), { ids: ["GPU-0a1b2c3d"] });
  for (const text of ["MIG-12", "-1", "", "0;rm"]) assert.deepEqual(visibleGpus(text), {}, text);
});

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
