import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createGpuMeter } from "../../../src/drivers/gpu/gpu-meter.ts";
import { parseLine } from "../../../src/drivers/gpu/nvidia.ts";
import type { GpuProbe, GpuReading } from "../../../src/services/ports/usage.ts";

/* The lines are those of a real card: test/fixtures/nvidia. */

const LOOP = resolve("test/fixtures/nvidia/loop.csv");

interface Place {
  readonly root: string;
  readonly options: Parameters<typeof createGpuMeter>[0];
  /** What was started, with its words, a line each. */
  starts(): string[];
}

function place(t: TestContext, script: string, hasDriver = true): Place {
  const root = mkdtempSync(join(tmpdir(), "datmo-gpu-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  put(join(root, "bin/nvidia-smi"), `#!/bin/sh\necho "$*" >> ${root}/starts\n${script}\n`);
  chmodSync(join(root, "bin/nvidia-smi"), 0o755);
  if (hasDriver) put(join(root, "version"), "NVRM\n");
  return {
    root,
    options: {
      variables: { PATH: `${join(root, "bin")}:/usr/bin:/bin` },
      driverFiles: [join(root, "version")],
      drm: join(root, "drm"),
    },
    starts: () =>
      existsSync(join(root, "starts")) ? readFileSync(join(root, "starts"), "utf8").trim().split("\n") : [],
  };
}

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

async function until<T>(look: () => T | undefined | false): Promise<T> {
  for (;;) {
    const found = look();
    if (found) return found;
    await sleep(10);
  }
}

/** Everything that a probe says until it has said something of as many GPUs. */
async function readAll(probe: GpuProbe): Promise<readonly GpuReading[]> {
  return until(() => {
    const readings = probe.read();
    return readings.length > 0 && readings;
  });
}

test("one program goes on telling, and what it said is put together", async (t) => {
  const { options, root, starts } = place(t, `cat ${LOOP}; touch "$0.said"; exec sleep 300`);
  const probe = await createGpuMeter(options).watch({ ids: ["0", "GPU-1234"] });
  assert.ok(probe);
  t.after(() => probe.close());
  await until(() => existsSync(join(root, "bin/nvidia-smi.said")));
  const lines = readFileSync(LOOP, "utf8")
    .trim()
    .split("\n")
    .map((line) => parseLine(line));
  const seen: GpuReading[] = [];
  const [reading] = await readAll(probe);
  seen.push(reading as GpuReading);
  const peak = Math.max(...lines.map((line) => line?.memoryBytes ?? 0));
  assert.equal(reading?.memoryBytes, peak);
  assert.equal(reading?.index, 0);
  const power = lines.reduce((sum, line) => sum + (line?.powerWatts ?? 0), 0) / lines.length;
  assert.ok(Math.abs((reading?.powerWatts ?? 0) - power) < 1e-9);
  assert.deepEqual(probe.read(), [], "each line counts once");
  assert.equal(starts().length, 1);
  assert.match(
    starts()[0] ?? "",
    /^-i 0,GPU-1234 --query-gpu=index,utilization\.gpu,memory\.used,power\.draw,temperature\.gpu --format=csv,noheader,nounits -l \d+$/,
  );
});

test("what a card does not tell is left out, and what is no reading is not taken", () => {
  assert.deepEqual(parseLine("3, [N/A], 40536, [Not Supported], 31"), {
    index: 3,
    memoryBytes: 40_536 * 2 ** 20,
    temperatureCelsius: 31,
  });
  assert.deepEqual(parseLine("0, 97, 609, 612.31, 58")?.utilizationPercent, 97);
  for (const line of [
    "",
    "No devices were found",
    'Field "x" is not a valid field to query.',
    "a, 1, 2, 3, 4",
    "0, 1, 2, 3",
  ])
    assert.equal(parseLine(line), undefined, line);
});

test("one that dies or talks nonsense is started again a few times, and then left alone", async (t) => {
  const { options, starts } = place(t, "echo nonsense; printf '%100000s' x; exit 9");
  const probe = await createGpuMeter(options).watch({});
  assert.ok(probe);
  for (let seen = 1; seen < 4; seen = starts().length) {
    assert.deepEqual(probe.read(), []);
    await sleep(10);
  }
  for (let i = 0; i < 20; i++) {
    assert.deepEqual(probe.read(), []);
    await sleep(5);
  }
  assert.equal(starts().length, 4);
  probe.close();
});

test("no program is started without a driver, or when there is none", async (t) => {
  const { options, starts, root } = place(t, "exit 1", false);
  assert.equal(await createGpuMeter(options).watch({}), undefined);
  assert.deepEqual(starts(), []);
  put(join(root, "version"), "NVRM\n");
  rmSync(join(root, "bin"), { recursive: true });
  const nowhere = { ...options, variables: { PATH: "/nowhere" } };
  if (!existsSync("/usr/bin/nvidia-smi")) assert.equal(await createGpuMeter(nowhere).watch({}), undefined);
});

test("an engine that is killed leaves no watcher behind", async (t) => {
  const { options, root } = place(
    t,
    'echo $$ > "$0.pid"; while :; do echo "0, 1, 2, 3, 4" || exit; sleep 0.05; done',
  );
  put(
    join(root, "engine.mjs"),
    `import { createGpuMeter } from ${JSON.stringify(resolve("src/drivers/gpu/gpu-meter.ts"))};
await createGpuMeter(${JSON.stringify(options)}).watch({});
setInterval(() => {}, 1000);\n`,
  );
  const engine = spawn(process.execPath, ["--import", "tsx", join(root, "engine.mjs")], { stdio: "ignore" });
  const file = join(root, "bin/nvidia-smi.pid");
  const pid = await until(() => existsSync(file) && Number(readFileSync(file, "utf8")));
  engine.kill("SIGKILL");
  await once(engine, "exit");
  await until(() => !isThere(pid));
});

test("an engine with nothing left to do is not kept by its watcher", async (t) => {
  const { options, root } = place(t, `cat ${LOOP}; exec sleep 300`);
  put(
    join(root, "engine.mjs"),
    `import { createGpuMeter } from ${JSON.stringify(resolve("src/drivers/gpu/gpu-meter.ts"))};
const probe = await createGpuMeter(${JSON.stringify(options)}).watch({});
process.on("exit", () => probe.close());\n`,
  );
  const engine = spawn(process.execPath, ["--import", "tsx", join(root, "engine.mjs")], { stdio: "ignore" });
  assert.deepEqual(await once(engine, "exit"), [0, null]);
});

test("AMD's cards are read from the kernel's files", async (t) => {
  const { options, root } = place(t, "exit 1", false);
  const files = {
    "card0/device/vendor": "0x1a03\n",
    "card2/device/vendor": "0x1002\n",
    "card2/device/gpu_busy_percent": "37\n",
    "card2/device/mem_info_vram_used": "2147483648\n",
    "card2/device/hwmon/hwmon3/power1_average": "212000000\n",
    "card2/device/hwmon/hwmon3/temp1_input": "54500\n",
    "card10/device/vendor": "0x1002\n",
    "card10/device/gpu_busy_percent": "0\n",
  };
  for (const [name, text] of Object.entries(files)) put(join(root, "drm", name), text);
  const probe = await createGpuMeter(options).watch({});
  assert.deepEqual(probe?.read(), [
    { index: 0, utilizationPercent: 37, memoryBytes: 2 ** 31, powerWatts: 212, temperatureCelsius: 54.5 },
    { index: 1, utilizationPercent: 0 },
  ]);
  const second = await createGpuMeter(options).watch({ ids: ["1"] });
  assert.deepEqual(second?.read(), [{ index: 1, utilizationPercent: 0 }]);
});

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, "latin1").includes(") Z ");
  } catch {
    return false;
  }
}

test("an engine that may open no more files lives on without the meter", () => {
  const start = 'ulimit -n 120; exec "$0" --import tsx test/fixtures/nvidia/no-files.ts';
  assert.equal(execFileSync("sh", ["-c", start, process.execPath], { encoding: "utf8" }), "[]\n");
});
