import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import { connect } from "../../src/drivers/docker/connection.ts";
import type { GpuPlaces } from "../../src/drivers/docker/gpu-places.ts";
import { findGpuWays } from "../../src/drivers/docker/gpu-ways.ts";
import type { GpuRequest } from "../../src/services/ports/containers.ts";
import { ENGINE_KIND } from "../helpers/engine-kinds.ts";
import { makeAmdDevices, makeBrokenHook, writeCdiSpec } from "../helpers/gpu-stand-ins.ts";
import { containersOf, makePlace, type Place, skip, useEngine } from "./helpers.ts";

// The engines are real and give the containers what they are asked for; the devices are all what /dev/null is.
const folder = mkdtempSync(join(tmpdir(), "datmo-devices-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const nowhere: GpuPlaces = { dev: join(folder, "none"), nvidiaProc: join(folder, "none"), cdi: [] };

async function refused(place: Place, gpus: GpuRequest, message: RegExp, hint: RegExp): Promise<void> {
  const spec = place.spec("touch ran", { gpus });
  await assert.rejects(place.driver.start(spec), { kind: "GPU_NOT_AVAILABLE", message, hint });
  assert.equal(existsSync(join(place.root, "ran")), false);
  assert.deepEqual(await place.driver.inspect(spec.taskDirectory), { state: "gone", unstarted: true });
}

const devices = (...ids: string[]): GpuRequest => ({ kind: "devices", ids });

if (ENGINE_KIND === "newer") {
  describe("GPUs by device specifications", { skip }, () => {
    const cdi = join(folder, "cdi");
    const box = useEngine({ cdi: [cdi] });
    before(() => writeCdiSpec(cdi));
    const open = (t: TestContext) => makePlace(t, box.engine.host, { gpuPlaces: nowhere });

    test("each way to ask for them gives these, and what is seen inside is told", async (t) => {
      const place = open(t);
      const cases: [GpuRequest, string[]][] = [
        [{ kind: "all" }, ["GPU-000", "GPU-001"]],
        [{ kind: "count", count: 1 }, ["GPU-000"]],
        [{ kind: "count", count: 2 }, ["GPU-000", "GPU-001"]],
        [devices("1"), ["GPU-001"]],
        [devices("GPU-001"), ["GPU-001"]],
        [devices("nvidia.com/gpu=1"), ["GPU-001"]],
        [devices("nvidia.com/gpu=all"), ["GPU-000", "GPU-001"]],
        [devices("0:1"), ["GPU-000", "MIG-001"]],
        [devices("nvidia.com/gpu=0:0", "MIG-001"), ["GPU-000", "MIG-000", "MIG-001"]],
      ];
      for (const [gpus, uuids] of cases) {
        const { container, exited } = await place.driver.start(place.spec("echo ran; exit 3", { gpus }));
        const told = container?.gpus?.map((gpu) => gpu["uuid"]);
        assert.deepEqual(told, uuids, JSON.stringify(gpus));
        assert.equal((await exited).exitCode, 3);
      }
      const ways = await findGpuWays(
        await connect({ environment: { DOCKER_HOST: box.engine.host } }),
        nowhere,
      );
      assert.equal(ways[0]?.way, "cdi");
      assert.equal(ways[0]?.devices?.length, 8);
    });

    test("what the specification does not know is named, with what it knows", async (t) => {
      const place = open(t);
      const known = /nvidia\.com\/gpu=0, .*nvidia-ctk cdi generate/;
      await refused(place, devices("7"), /specification in .*cdi has no GPU 7\./, known);
      await refused(place, devices("nvidia.com/gpu=9"), /no GPU nvidia\.com\/gpu=9/, known);
      await refused(place, devices("GPU-abc", "0"), /no GPU GPU-abc, 0/, known);
      await refused(place, { kind: "count", count: 3 }, /no GPU number 3/, known);
      assert.deepEqual(await containersOf(box.engine, place.root), []);
    });

    test("a specification that is gone: what is missing, and how to get it", async (t) => {
      const proc = join(folder, "proc");
      mkdirSync(proc, { recursive: true });
      writeFileSync(join(proc, "version"), "NVRM version: 580\n");
      const withDriver = { ...nowhere, nvidiaProc: proc };
      rmSync(join(cdi, "nvidia.json"));
      try {
        const missing = /no NVIDIA container toolkit, and no CDI specification in .*cdi\./;
        const how = /Install nvidia-container-toolkit, then `sudo nvidia-ctk cdi generate/;
        const place = makePlace(t, box.engine.host, { gpuPlaces: withDriver });
        await refused(place, { kind: "all" }, missing, how);
        await refused(open(t), { kind: "all" }, /no GPU driver is loaded/, /nvidia-smi/);
      } finally {
        writeCdiSpec(cdi);
      }
    });
  });
}

describe("GPUs of AMD's", { skip }, () => {
  const box = useEngine();
  const dev = join(folder, "amd");
  before(() => void makeAmdDevices(dev));
  const open = (t: TestContext) => makePlace(t, box.engine.host, { gpuPlaces: { ...nowhere, dev } });

  test("devices and the groups that may open them, all or some", async (t) => {
    const place = open(t);
    const cases: [GpuRequest, string[], string][] = [
      [{ kind: "all" }, ["renderD128", "renderD129"], "109 110"],
      [{ kind: "count", count: 1 }, ["renderD128"], "109"],
      [devices("1"), ["renderD129"], "109 110"],
      [devices("renderD129"), ["renderD129"], "109 110"],
    ];
    for (const [gpus, nodes, groups] of cases) {
      const spec = place.spec("ls /dev/dri; id -G; : </dev/kfd && echo opened", { gpus, user: "1234:1234" });
      const { container, exited } = await place.driver.start(spec);
      await exited;
      const told = container?.gpus?.map((gpu) => [gpu["vendor"], gpu["device"]]);
      const wanted = nodes.map((name) => ["AMD", `/dev/dri/${name}`]);
      assert.deepEqual(told, wanted);
      const { readFileSync } = await import("node:fs");
      const output = readFileSync(join(spec.taskDirectory, "output.log"), "utf8");
      assert.equal(output, `${nodes.join("\n")}\n1234 ${groups}\nopened\n`);
    }
  });

  test("one that this machine has not, or none at all", async (t) => {
    const place = open(t);
    await refused(
      place,
      devices("renderD200"),
      /no AMD GPU renderD200/,
      /0 \(renderD128\), 1 \(renderD129\)/,
    );
    await refused(place, devices("2"), /no AMD GPU 2/, /renderD129/);
    await refused(place, { kind: "count", count: 3 }, /no AMD GPU number 3/, /renderD129/);
    const without = makePlace(t, box.engine.host, { gpuPlaces: nowhere });
    await refused(without, devices("renderD128"), /there is no \/dev\/kfd/, /rocminfo/);
    assert.deepEqual(await containersOf(box.engine, place.root), []);
  });
});

if (ENGINE_KIND !== "podman") {
  describe("a driver that does not work", { skip }, () => {
    const words = "nvidia-container-cli: initialization error: nvml error: driver not loaded";
    const box = useEngine({ path: makeBrokenHook(folder, words) });

    test("is told in the driver's own words, and no container is left", async (t) => {
      const place = makePlace(t, box.engine.host, { gpuPlaces: nowhere });
      const message = /the NVIDIA driver does not work \(initialization error: nvml error: driver not loaded/;
      await refused(place, { kind: "all" }, message, /Check `nvidia-smi`/);
      assert.deepEqual(await containersOf(box.engine, place.root), []);
    });
  });
}
