import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type ContainerEngineOptions,
  openContainerEngine,
} from "../../src/drivers/docker/container-engine.ts";
import type { BuildRequest } from "../../src/services/ports/containers.ts";
import { ask, importPython } from "../helpers/docker-engine.ts";
import { BUSYBOX, skip, until, useEngine } from "./helpers.ts";

let made = 0;
/** Known by nobody else on this machine. */
const seconds = 600 + Math.random();

function request(dockerfile: string, files: Record<string, string> = {}): BuildRequest {
  const all = { Dockerfile: dockerfile, ...files };
  return {
    files: new Map(Object.entries(all).map(([name, text]) => [name, Buffer.from(text)])),
    dockerfile: "Dockerfile",
    tag: `datmo/test-${process.pid}-${made++}`,
    labels: { "datmo.project": "p1" },
  };
}

describe("images", { skip }, () => {
  const box = useEngine();
  const open = (options: ContainerEngineOptions = {}) =>
    openContainerEngine({ environment: { DOCKER_HOST: box.engine.host }, ...options });
  const count = async (path: string) =>
    (JSON.parse((await ask(box.engine.socket, path)).body) as unknown[]).length;

  for (const builder of ["classic", "buildkit"] as const) {
    test(`${builder}: builds, tells what happens, and says what came of it`, async () => {
      const engine = open({ builder });
      const asked = request(
        `FROM ${BUSYBOX}\nARG WORD=none\nCOPY sub/file run.sh /\nRUN echo "héllo $WORD" && /run.sh\nUSER 5\n`,
        { "sub/file": "content", "run.sh": "#!/bin/sh\necho ran\n" },
      );
      let text = "";
      const facts = await engine.build(
        { ...asked, arguments: { WORD: "wörld" } },
        {
          output: (piece) => {
            text += piece;
          },
        },
      );
      assert.match(text, /héllo wörld\n/);
      assert.match(text, /^ran$/m);
      assert.match(facts.id, /^sha256:[0-9a-f]{64}$/);
      assert.equal(facts.user, "5");
      assert.equal(facts.os, "linux");
      assert.deepEqual(facts.labels, { "datmo.project": "p1" });
      assert.ok(facts.bytes > 1_000_000);
      assert.equal((await engine.image(asked.tag))?.id, facts.id);
      assert.ok((await engine.labelled("datmo.project", "p1")).images.includes(facts.id));
      await engine.removeImage(asked.tag);
      assert.equal(await engine.image(asked.tag), undefined);
      await engine.close();
    });

    test(`${builder}: a failing step is named, with its last lines, and leaves no container`, async () => {
      const engine = open({ builder });
      const asked = request(`FROM ${BUSYBOX}\nRUN echo fine\nRUN echo before; echo "the reason"; exit 3\n`);
      await assert.rejects(
        engine.build(asked),
        (error: { kind: string; details: Record<string, string> }) => {
          assert.equal(error.kind, "IMAGE_BUILD_FAILED");
          assert.match(error.details["step"] ?? "", /RUN echo before.*the reason/);
          assert.match(error.details["output"] ?? "", /before\nthe reason/);
          assert.doesNotMatch(error.details["output"] ?? "", /fine/);
          return true;
        },
      );
      assert.equal(await engine.image(asked.tag), undefined);
    });

    test(`${builder}: a Dockerfile that nobody understands`, async () => {
      const engine = open({ builder });
      for (const text of [`FROM ${BUSYBOX}\nRUNN true\n`, "", "RUN true\n"]) {
        await assert.rejects(engine.build(request(text)), { kind: "DOCKERFILE_INVALID" }, text);
      }
      await assert.rejects(engine.build({ ...request("FROM x"), dockerfile: "other" }), {
        kind: "DOCKERFILE_INVALID",
        message: /no other/,
      });
    });

    test(`${builder}: a base image that cannot be had`, async () => {
      const engine = open({ builder });
      await assert.rejects(engine.build(request("FROM nosuch.invalid/image:1\n")), {
        kind: "IMAGE_MISSING",
        message: /nosuch\.invalid\/image/,
      });
    });

    test(`${builder}: cancelled at once, and nothing is left`, async () => {
      const engine = open({ builder });
      const before = await count(
        "/containers/json?all=1&filters=%7B%22status%22%3A%5B%22exited%22%2C%22created%22%5D%7D",
      );
      const asked = request(`FROM ${BUSYBOX}\nRUN echo begun-${builder}; sleep ${seconds}\n`);
      const controller = new AbortController();
      let begun = false;
      const built = engine.build(asked, {
        signal: controller.signal,
        output: (text) => {
          begun ||= text.includes(`begun-${builder}\n`) && !text.includes("RUN");
        },
      });
      const ended = built.then(
        () => undefined,
        (error: { kind: string }) => error.kind,
      );
      await until(() => begun);
      controller.abort();
      assert.equal(await ended, "CANCELLED");
      await until(async () => !(await sleeps()));
      assert.equal(await engine.image(asked.tag), undefined);
      const after = () =>
        count("/containers/json?all=1&filters=%7B%22status%22%3A%5B%22exited%22%2C%22created%22%5D%7D");
      await until(async () => (await after()) <= before);
    });
  }

  test("aborted before it began, nothing is sent", async () => {
    const engine = open();
    await assert.rejects(engine.build(request(`FROM ${BUSYBOX}`), { signal: AbortSignal.abort() }), {
      kind: "CANCELLED",
    });
  });

  test("a file that is equal is taken from the cache; noCache builds again", async () => {
    const engine = open({ builder: "classic" });
    const asked = request(`FROM ${BUSYBOX}\nCOPY a /a\nRUN date +%N > /b\n`, { a: "1" });
    const first = await engine.build(asked);
    assert.equal((await engine.build(asked)).id, first.id);
    assert.notEqual((await engine.build({ ...asked, noCache: true })).id, first.id);
  });

  test("an image that no registry gives", async () => {
    const engine = open();
    assert.equal(await engine.image("nosuch:img"), undefined);
    assert.equal(await engine.image("NOT A NAME"), undefined);
    await assert.rejects(engine.pull("nosuch.invalid/image"), {
      kind: "IMAGE_MISSING",
      message: /nosuch\.invalid\/image:latest/,
    });
    await engine.removeImage("nosuch:img");
  });

  test("facts of the engine", async () => {
    const facts = await open().facts();
    assert.equal(facts.product, "docker");
    assert.match(facts.version, /^\d+\./);
    assert.match(facts.apiVersion, /^1\.\d+$/);
    assert.deepEqual([facts.rootless, facts.cpus > 0, facts.memoryBytes > 1e8], [false, true, true]);
  });

  test("packages: Python is asked, Debian's list is read, a bare image has none", async () => {
    const engine = open();
    assert.deepEqual(await engine.packages(BUSYBOX), {});
    const python = await importPython(box.engine);
    const metadata = "Metadata-Version: 2.1\nName: Some.Package\nVersion: 1.2.3\n";
    const status =
      "Package: libc6\nStatus: install ok installed\nVersion: 2.36-9\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n";
    const place = "/usr/lib/python3/dist-packages/some_package-1.2.3.dist-info";
    const image = await engine.build(
      request(`FROM ${python}\nCOPY METADATA ${place}/METADATA\nCOPY status /var/lib/dpkg/status\nUSER 7\n`, {
        METADATA: metadata,
        status,
      }),
    );
    const found = await engine.packages(image.id);
    assert.match(found.python?.version ?? "", /^3\.\d+\.\d+$/);
    assert.deepEqual(found.python?.packages, [{ name: "Some.Package", version: "1.2.3" }]);
    assert.deepEqual(found.system, { manager: "apt", packages: [{ name: "libc6", version: "2.36-9" }] });
    assert.equal(found.conda, undefined);
    assert.equal(found.r, undefined);
  });

  async function sleeps(): Promise<boolean> {
    const { readdirSync, readFileSync } = await import("node:fs");
    return readdirSync("/proc").some((pid) => {
      try {
        return (
          /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8") === `sleep\u0000${seconds}\u0000`
        );
      } catch {
        return false;
      }
    });
  }
});
