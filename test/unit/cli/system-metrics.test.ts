import assert from "node:assert/strict";
import { test } from "node:test";
import { gpuKind, gpuText } from "../../../src/cli/render/gpu.ts";
import { systemLines, systemValue } from "../../../src/cli/render/system-metrics.ts";
import { cli } from "../../helpers/cli.ts";

const metric = (mean: number, max: number) => ({ last: max, min: 0, max, mean, count: 3 });

test("what a run used is a line for each part of the machine", () => {
  const system = {
    "system/cpu_percent": metric(101.2, 180),
    "system/memory_bytes": metric(1e9, 1.5e9),
    "system/disk_read_bytes": metric(1, 2e6),
    "system/gpu.10/utilization_percent": metric(80, 100),
    "system/gpu.2/utilization_percent": metric(50, 99.6),
    "system/gpu.2/memory_bytes": metric(4e9, 5e9),
    "system/gpu.2/power_watts": metric(500, 601.7),
    "system/gpu.2/temperature_celsius": metric(50, 61),
  };
  assert.deepEqual(systemLines(system), [
    "CPU     mean 101 %, peak 180 %",
    "Memory  mean 1 GB, peak 1.5 GB",
    "Disk    read 2 MB",
    "GPU 2   mean 50 %, peak 100 %; memory mean 4 GB, peak 5 GB; power mean 500 W, peak 602 W; up to 61 °C",
    "GPU 10  mean 80 %, peak 100 %",
  ]);
  assert.deepEqual(systemLines(undefined), []);
  assert.equal(systemValue("system/memory_bytes", 1234567), "1.23 MB");
  assert.equal(systemValue("system/cpu_percent", 99.7456), "99.75");
});

test("a GPU is told with what its driver says of it", () => {
  const gpu = {
    model: "NVIDIA H100",
    index: 1,
    uuid: "GPU-1",
    memoryBytes: 85e9,
    driver: "580.1",
    cuda: "13.0",
  };
  assert.equal(gpuKind(gpu), "NVIDIA H100 (85 GB, driver 580.1, CUDA 13.0)");
  assert.match(gpuText(gpu), /^1 +NVIDIA H100 .* GPU-1$/);
  assert.equal(
    gpuKind({ ...gpu, mig: [{}, {}] }),
    "NVIDIA H100 (85 GB, driver 580.1, CUDA 13.0, 2 MIG parts)",
  );
  assert.equal(gpuKind({}), "unknown");
});

test("run metrics --system asks for them, and shows them with their units", async () => {
  const items = [
    {
      name: "system/memory_bytes",
      last: 5e6,
      lastStep: 3,
      lastAt: "2026-03-14T09:26:40.000Z",
      min: 1e6,
      max: 9e6,
      mean: 4e6,
      count: 3,
    },
  ];
  const told = await cli(["run", "metrics", "abc", "--system"], { answers: { "metric.list": { items } } });
  assert.deepEqual(
    told.asked.map(({ params }) => params),
    [{ runId: "abc", system: true }],
  );
  assert.match(told.stdout, /system\/memory_bytes +4 MB +1 MB +9 MB +5 MB +3/);
  const none = await cli(["run", "metrics", "abc", "--system"], {
    answers: { "metric.list": { items: [] } },
  });
  assert.match(none.stderr, /The run has no system metrics\./);
  const points = { step: [1], value: [5], at: [1] };
  const one = await cli(["run", "metrics", "abc", "system/cpu_percent", "--system"], {
    answers: { "metric.history": { name: "system/cpu_percent", points } },
  });
  assert.deepEqual(one.asked[0]?.params, { runId: "abc", name: "system/cpu_percent", system: true });
});

test("a column of a system metric is fetched only when it is asked for", async () => {
  const run = {
    id: "k3vq7m2xw5hd4tz6bnrjc7ya2e",
    name: "a",
    type: "script",
    origin: "executed",
    status: "succeeded",
  } as const;
  const system = { "system/gpu.0/memory_bytes": metric(4e9, 5e9) };
  const item = { ...run, config: {}, metrics: {}, tags: [], createdAt: "2026-03-14T09:26:40.000Z", system };
  const answers = { "run.list": { items: [item] } };
  const columns = "name,system.gpu.0/memory_bytes,system.gpu.0/memory_bytes.mean";
  const told = await cli(["run", "ls", "--columns", columns], { answers });
  assert.equal((told.asked[0]?.params as { system?: boolean }).system, true);
  assert.match(told.stdout, /^a +5000000000 +4000000000$/m);
  const plain = await cli(["run", "ls"], { answers });
  assert.equal((plain.asked[0]?.params as { system?: boolean }).system, undefined);
});

test("--no-usage says that nothing is to be measured", async () => {
  const asked = async (...words: string[]) => {
    const { asked } = await cli(["run", ...words, "true"], {
      answers: {
        "run.start": () => {
          throw new Error("enough");
        },
      },
    });
    return asked.find(({ method }) => method === "run.start")?.params as { usage?: boolean };
  };
  assert.equal((await asked("--no-usage")).usage, false);
  assert.equal((await asked()).usage, undefined);
});
