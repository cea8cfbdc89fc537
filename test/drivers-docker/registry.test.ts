import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import {
  type ContainerEngineOptions,
  openContainerEngine,
} from "../../src/drivers/docker/container-engine.ts";
import { ENGINE_KIND } from "../helpers/engine-kinds.ts";
import { LOGIN, push, startRegistry, type TestRegistry } from "../helpers/registry.ts";
import { BUSYBOX, skip, useEngine } from "./helpers.ts";

const home = mkdtempSync(join(tmpdir(), "datmo-login-"));
after(() => rmSync(home, { recursive: true, force: true }));

// The registry comes with the newer engine.
if (ENGINE_KIND === "newer") {
  describe("images of registries", { skip }, () => {
    const box = useEngine({ own: true });
    let open: TestRegistry;
    let closed: TestRegistry;
    before(async () => {
      if (skip) return;
      open = await startRegistry(box.engine, 5000);
      closed = await startRegistry(box.engine, 5001, { login: true });
    });
    after(async () => {
      await open?.stop();
      await closed?.stop();
    });
    const engine = (options: ContainerEngineOptions = {}, more: Record<string, string> = {}) =>
      openContainerEngine({
        environment: { DOCKER_HOST: box.engine.host, HOME: home, PATH: process.env["PATH"], ...more },
        ...options,
      });
    const request = (text: string) => ({
      files: new Map([["Dockerfile", Buffer.from(text)]]),
      dockerfile: "Dockerfile",
      tag: `datmo/registry-${Math.random().toString(36).slice(2)}`,
      labels: {},
    });
    const login = (content: object): void => {
      mkdirSync(join(home, ".docker"), { recursive: true });
      writeFileSync(join(home, ".docker", "config.json"), JSON.stringify(content));
    };
    const auth = Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString("base64");

    for (const builder of ["classic", "buildkit"] as const) {
      test(`${builder}: the digest of a base image is found out, and gives it after its tag moved`, async () => {
        const driver = engine({ builder });
        const name = `${open.name}/base-${builder}:1`;
        await push(box.engine, BUSYBOX, name);
        await driver.removeImage(name);
        const { bases } = await driver.build(request(`FROM ${name}\nRUN echo one >/one\n`));
        assert.equal(bases?.length, 1);
        assert.match(bases?.[0] ?? "", /^127\.0\.0\.1:5000\/base-\w+@sha256:[0-9a-f]{64}$/);
        const other = await driver.build(request(`FROM ${BUSYBOX}\nRUN echo moved >/moved\n`));
        await push(box.engine, other.id, name);
        await driver.removeImage(name);
        const first = await driver.pull(bases?.[0] ?? "");
        assert.equal(first.id, (await driver.image(BUSYBOX))?.id);
        assert.equal((await driver.pull(name)).id, other.id);
        const again = await driver.build(request(`FROM ${bases?.[0]}\nRUN test ! -e /moved\n`));
        assert.deepEqual(again.bases, bases);
      });

      test(`${builder}: a registry that wants a login gets the user's, or says so`, async () => {
        const driver = engine({ builder });
        const name = `${closed.name}/private-${builder}:1`;
        await push(box.engine, BUSYBOX, name, true);
        await driver.removeImage(name);
        const error = { kind: "REGISTRY_DENIED", message: /The registry 127\.0\.0\.1:5001 does not give/ };
        rmSync(join(home, ".docker"), { recursive: true, force: true });
        await assert.rejects(driver.build(request(`FROM ${name}\n`)), error);
        await assert.rejects(driver.pull(name), { ...error, hint: /docker login 127\.0\.0\.1:5001/ });
        login({ auths: { [closed.name]: { auth: Buffer.from("ada:wrong").toString("base64") } } });
        await assert.rejects(driver.build(request(`FROM ${name}\n`)), error);

        login({ auths: { [`https://${closed.name}/v1/`]: { auth } } });
        let said = "";
        const built = await driver.build(request(`FROM ${name}\nRUN echo built >/b\n`), {
          output: (text) => {
            said += text;
          },
        });
        assert.match(said, /Status: Downloaded|Digest: sha256/);
        assert.match(built.bases?.[0] ?? "", /^127\.0\.0\.1:5001\/private-\w+@sha256:/);
      });
    }

    test("what a build copies from is fetched as its base is", async () => {
      login({ auths: { [closed.name]: { auth } } });
      const driver = engine({ builder: "buildkit" });
      const name = `${closed.name}/tools:1`;
      await push(box.engine, BUSYBOX, name, true);
      await driver.removeImage(name);
      const text = `FROM ${BUSYBOX}\nCOPY --from=${name} /bin/busybox /b/busybox\nRUN /b/busybox true\n`;
      assert.ok((await driver.build(request(text))).id);
    });

    test("a login that a program keeps; one that fails is as none", async () => {
      const name = `${closed.name}/kept:1`;
      await push(box.engine, BUSYBOX, name, true);
      const bin = join(home, "bin");
      mkdirSync(bin, { recursive: true });
      const answer = JSON.stringify({ ServerURL: closed.name, Username: "ada", Secret: "secret" });
      const program = `#!/bin/sh\nread -r server\n[ "$1 $server" = "get ${closed.name}" ] && echo '${answer}' || exit 1\n`;
      writeFileSync(join(bin, "docker-credential-kept"), program, { mode: 0o755 });
      const driver = engine({}, { PATH: `${bin}:${process.env["PATH"]}` });
      await driver.removeImage(name);
      login({ credHelpers: { [closed.name]: "nosuch" } });
      await assert.rejects(driver.pull(name), { kind: "REGISTRY_DENIED" });
      const seen: string[] = [];
      const progress = ({ message }: { readonly message: string }) => void seen.push(message);
      for (const config of [{ credHelpers: { [closed.name]: "kept" } }, { credsStore: "kept" }]) {
        login(config);
        await driver.removeImage(name);
        assert.ok((await driver.pull(name, { progress })).id);
      }
      assert.ok(seen.some((message) => /Status: |Digest: /.test(message)));
    });

    test("an image or tag that a registry has not", async () => {
      const driver = engine();
      await assert.rejects(driver.pull(`${open.name}/nosuch:1`), {
        kind: "IMAGE_MISSING",
        message: /127\.0\.0\.1:5000\/nosuch:1/,
      });
      await assert.rejects(driver.build(request(`FROM ${open.name}/nosuch:2\n`)), { kind: "IMAGE_MISSING" });
    });
  });
}
