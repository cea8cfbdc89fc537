import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import type { GpuRequest } from "../../src/services/ports/containers.ts";
import { makeGpuHook } from "../helpers/gpu-stand-ins.ts";
import { containersOf, makePlace, skip, useEngine } from "./helpers.ts";

// The engine is real and hands the request over; the hook that would bring a GPU is a stand-in with two.
const folder = mkdtempSync(join(tmpdir(), "datmo-hook-"));
after(() => rmSync(folder, { recursive: true, force: true }));

describe("GPUs in containers", { skip }, () => {
  const box = useEngine({ path: makeGpuHook(folder, 2) });
  const two: GpuRequest = { kind: "count", count: 2 };

  test("what the container sees is told before the command is said to run", async (t) => {
    const place = makePlace(t, box.engine.host);
    const cases: [GpuRequest, string[]][] = [
      [{ kind: "all" }, ["GPU-000", "GPU-001"]],
      [two, ["GPU-000", "GPU-001"]],
      [{ kind: "devices", ids: ["1"] }, ["GPU-001"]],
    ];
    for (const [gpus, uuids] of cases) {
      const spec = place.spec("echo ran; exit 3", { gpus });
      const { container, exited } = await place.driver.start(spec);
      assert.deepEqual(
        container?.gpus?.map((gpu) => gpu["uuid"]),
        uuids,
      );
      assert.deepEqual(container?.gpus?.[0], {
        vendor: "NVIDIA",
        model: "Stand-in A100",
        index: 0,
        uuid: uuids[0],
        memoryBytes: 40960 * 2 ** 20,
        driver: "550.54",
        computeCapability: "8.0",
        cuda: "12.4",
      });
      assert.equal((await exited).exitCode, 3);
    }
  });

  test("a program that comes with the GPUs need not be in the image; one that comes from nowhere ends as not found", async (t) => {
    const place = makePlace(t, box.engine.host);
    const { exit, output } = await place.run(["nvidia-smi", "--query-gpu=name"], { gpus: two });
    assert.equal(exit.exitCode, 0);
    assert.match(output, /^0, Stand-in A100/);
    assert.equal((await place.run(["no-such-program"], { gpus: two })).exit.exitCode, 127);
  });

  test("a part of a GPU is told as such", async (t) => {
    const place = makePlace(t, box.engine.host);
    for (const [ids, uuids] of [
      [["MIG-0a"], ["GPU-000", "MIG-0a"]],
      [
        ["0:1", "0:2"],
        ["GPU-000", "MIG-01", "MIG-02"],
      ],
    ]) {
      const spec = place.spec("true", { gpus: { kind: "devices", ids: ids ?? [] } });
      const { container, exited } = await place.driver.start(spec);
      assert.deepEqual(
        container?.gpus?.map((gpu) => gpu["uuid"]),
        uuids,
      );
      assert.equal(container?.gpus?.[1]?.["model"], "MIG 1g.5gb");
      await exited;
    }
    const other = place.spec("true", { gpus: { kind: "devices", ids: ["MIG-1"] } });
    await assert.rejects(place.driver.start(other), {
      kind: "GPU_MISMATCH",
      message: /no GPU where GPUs MIG-1/,
    });
  });

  test("words stay words, and the user need not be root", async (t) => {
    const place = makePlace(t, box.engine.host);
    const ran = await place.run(["echo", "a  b", "$x"], { gpus: two, user: "1234:1234" });
    assert.equal(ran.output, "a  b $x\n");
  });

  test("other GPUs than were asked for are an error, and the command does not run", async (t) => {
    const place = makePlace(t, box.engine.host);
    const cases: [GpuRequest, RegExp][] = [
      [{ kind: "count", count: 3 }, /sees GPU-000, GPU-001 where GPUs 3 were/],
      [{ kind: "devices", ids: ["0", "7"] }, /sees GPU-000 where GPUs 0, 7 were/],
      [{ kind: "devices", ids: ["GPU-nosuch"] }, /sees no GPU where GPUs GPU-nosuch were/],
    ];
    for (const [gpus, message] of cases) {
      const spec = place.spec("touch ran", { gpus });
      await assert.rejects(place.driver.start(spec), { kind: "GPU_MISMATCH", message });
      assert.deepEqual(await place.driver.inspect(spec.taskDirectory), { state: "gone", unstarted: true });
    }
    assert.equal(existsSync(join(place.root, "ran")), false);
    assert.deepEqual(await containersOf(box.engine, place.root), []);
  });

  test("a run without GPUs is not looked at, and sees none", async (t) => {
    const place = makePlace(t, box.engine.host);
    const spec = place.spec("command -v nvidia-smi || echo none");
    const { container, exited } = await place.driver.start(spec);
    await exited;
    assert.equal(container?.gpus, undefined);
    assert.equal(existsSync(join(spec.taskDirectory, "gpus.txt")), false);
  });
});
