import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { openContainerEngine } from "../../src/drivers/docker/container-engine.ts";
import { ENGINE_KIND } from "../helpers/engine-kinds.ts";
import { writeCdiSpec } from "../helpers/gpu-stand-ins.ts";
import { BUSYBOX, containersOf, makePlace, skip, useEngine } from "./helpers.ts";

if (ENGINE_KIND === "podman") {
  describe("what is different on Podman", { skip }, () => {
    const box = useEngine();

    test("its facts: product, version, no way for plain requests of GPUs", async () => {
      const engine = openContainerEngine({ environment: { DOCKER_HOST: box.engine.host } });
      const facts = await engine.facts();
      assert.equal(facts.product, "podman");
      assert.match(facts.version, /^\d+\./);
      assert.equal(
        facts.gpuWays.some(({ way }) => way === "nvidia"),
        false,
      );
    });

    test("a request for GPUs that it would take and not serve is refused, with the reason", async (t) => {
      const folder = mkdtempSync(join(tmpdir(), "datmo-podman-"));
      t.after(() => rmSync(folder, { recursive: true, force: true }));
      mkdirSync(join(folder, "proc"));
      writeFileSync(join(folder, "proc", "version"), "NVRM version: 580\n");
      writeCdiSpec(join(folder, "cdi"));
      const gpuPlaces = {
        dev: join(folder, "dev"),
        nvidiaProc: join(folder, "proc"),
        cdi: [join(folder, "cdi")],
      };
      const place = makePlace(t, box.engine.host, { gpuPlaces });
      const { version } = await openContainerEngine({
        environment: { DOCKER_HOST: box.engine.host },
      }).facts();
      const spec = place.spec("touch ran", { gpus: { kind: "all" } });
      const message = Number.parseInt(version, 10) < 5 ? /Podman .* gives none/ : /CDI|unresolvable/;
      await assert.rejects(place.driver.start(spec), { kind: "GPU_NOT_AVAILABLE", message });
      assert.equal(existsSync(join(place.root, "ran")), false);
      assert.deepEqual(await containersOf(box.engine, place.root), []);
    });

    test("what cannot be started is a clear error and leaves nothing", async (t) => {
      const { driver, spec, root } = makePlace(t, box.engine.host);
      for (const [kind, message, start] of [
        ["COMMAND_NOT_IN_IMAGE", /nosuch/, spec(["nosuch"])],
        ["IMAGE_MISSING", /nosuch:img/, spec("true", { image: "nosuch:img" })],
        ["MEMORY_TOO_SMALL", /1000000/, spec("true", { memoryBytes: 1e6 })],
        ["CPUS_UNAVAILABLE", /4000/, spec("true", { cpus: 4000 })],
        ["GPU_NOT_AVAILABLE", /GPU/, spec("true", { gpus: { kind: "count", count: 2 } })],
      ] as const) {
        await assert.rejects(driver.start(start), { kind, message }, kind);
        assert.deepEqual(await driver.inspect(start.taskDirectory), { state: "gone", unstarted: true }, kind);
      }
      assert.deepEqual(await containersOf(box.engine, root), []);
    });

    test("ended by the memory limit it has the code of that; a builder's own label is kept", async (t) => {
      const { run } = makePlace(t, box.engine.host);
      const script = "x=$(head -c 200000000 /dev/zero | tr '\\0' x); echo $x";
      assert.equal((await run(script, { memoryBytes: 24 * 2 ** 20 })).exit.exitCode, 137);
      const engine = openContainerEngine({ environment: { DOCKER_HOST: box.engine.host } });
      const { labels, id } = await engine.build({
        files: new Map([["Dockerfile", Buffer.from(`FROM ${BUSYBOX}\nRUN echo built >/built\n`)]]),
        dockerfile: "Dockerfile",
        tag: `datmo/podman-${process.pid}`,
        labels: { "datmo.project": "p1" },
      });
      assert.equal(labels["datmo.project"], "p1");
      assert.match(id, /^sha256:[0-9a-f]{64}$/);
    });
  });
}
