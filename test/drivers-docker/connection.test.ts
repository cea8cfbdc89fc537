import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createSocket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { connect } from "../../src/drivers/docker/connection.ts";
import { findEndpoints } from "../../src/drivers/docker/endpoints.ts";
import { skip, until, useEngine } from "./helpers.ts";

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "datmo-connection-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Something that answers as an engine with these headers would. */
async function stand(t: TestContext, socket: string, headers: Record<string, string>, status = 200) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(status, headers).end("{}");
  }).listen(socket);
  t.after(() => server.close());
  await until(() => server.listening);
  return asked;
}

const host = (socket: string) => ({ environment: { DOCKER_HOST: `unix://${socket}` } });

test("no engine, a dead one, a silent name: each its own error, with a way out", async (t) => {
  const folder = makeFolder(t);
  await assert
    .rejects(connect({ environment: { HOME: folder, DOCKER_CONTEXT: "default" } }), (error: Error) => {
      // A machine with an engine of its own has one; that it cannot be used is then no surprise either.
      return "kind" in error && String(error.kind).startsWith("CONTAINER_ENGINE_");
    })
    .catch((error: Error) => assert.match(error.message, /Missing expected rejection/));
  await assert.rejects(connect(host(join(folder, "none.sock"))), {
    kind: "CONTAINER_ENGINE_MISSING",
    exitCode: 6,
    hint: /Install Docker/,
  });
  const dead = join(folder, "dead.sock");
  spawnSync("python3", ["-c", `import socket; socket.socket(socket.AF_UNIX).bind("${dead}")`]);
  await assert.rejects(connect(host(dead)), { kind: "CONTAINER_ENGINE_STOPPED", hint: /Start it/ });
  await assert.rejects(connect({ environment: { DOCKER_HOST: "tcp://127.0.0.1:1" } }), {
    kind: "CONTAINER_ENGINE_STOPPED",
  });
});

test("no permission is told as such", { skip: process.getuid?.() !== 0 && "needs root" }, async (t) => {
  const folder = makeFolder(t);
  const socket = join(folder, "d.sock");
  const server = createSocket().listen(socket);
  t.after(() => server.close());
  await until(() => server.listening);
  const file = fileURLToPath(new URL("../../src/drivers/docker/connection.ts", import.meta.url));
  const script = `import(${JSON.stringify(file)}).then(({ connect }) => {
    process.setgid(65534); process.setuid(65534);
    return connect({ environment: { DOCKER_HOST: "unix://${socket}" } });
  }).then(() => console.log("connected"), (error) => console.log(error.kind, error.hint));`;
  const { stdout } = spawnSync(process.execPath, ["--import", "tsx", "-e", script], { encoding: "utf8" });
  assert.match(stdout, /^CONTAINER_ENGINE_DENIED .*group/);
});

test("the version that both speak is used; too old is told", async (t) => {
  const folder = makeFolder(t);
  for (const [offered, used] of [
    ["1.41", "1.41"],
    ["1.99", "1.47"],
    ["1.40", "1.40"],
  ] as const) {
    const socket = join(folder, `${offered}.sock`);
    const asked = await stand(t, socket, { "Api-Version": offered });
    const connection = await connect(host(socket));
    assert.equal(connection.apiVersion, used);
    await connection.info();
    assert.deepEqual(asked, ["/_ping", `/v${used}/info`]);
  }
  const old = join(folder, "old.sock");
  await stand(t, old, { "Api-Version": "1.30" });
  await assert.rejects(connect(host(old)), { kind: "CONTAINER_ENGINE_UNUSABLE", message: /1\.30.*1\.40/ });
  const other = join(folder, "other.sock");
  await stand(t, other, {}, 404);
  await assert.rejects(connect(host(other)), {
    kind: "CONTAINER_ENGINE_UNUSABLE",
    message: /no container engine/,
  });
});

test("podman is known by its header, and one that answers wins over one that does not", async (t) => {
  const folder = makeFolder(t);
  mkdirSync(join(folder, ".docker/run"), { recursive: true });
  mkdirSync(join(folder, "run/podman"), { recursive: true });
  spawnSync("python3", [
    "-c",
    `import socket; socket.socket(socket.AF_UNIX).bind("${folder}/.docker/run/docker.sock")`,
  ]);
  const socket = join(folder, "run/podman/podman.sock");
  await stand(t, socket, { "Api-Version": "1.41", "Libpod-Api-Version": "5.4.2" });
  const environment = { HOME: folder, XDG_RUNTIME_DIR: join(folder, "run") };
  const endpoints = findEndpoints(environment).filter(({ name }) => name.includes(folder));
  assert.deepEqual(
    endpoints.map(({ socketPath }) => socketPath),
    [join(folder, ".docker/run/docker.sock"), socket],
  );
  const connection = await connect({ environment: { DOCKER_HOST: `unix://${socket}` } });
  assert.equal(connection.product, "podman");
});

test("a docker context is followed, with its keys; DOCKER_HOST wins over it", (t) => {
  const folder = makeFolder(t);
  const config = join(folder, ".docker");
  const key = createHash("sha256").update("lab").digest("hex");
  mkdirSync(join(config, "contexts/meta", key), { recursive: true });
  mkdirSync(join(config, "contexts/tls", key, "docker"), { recursive: true });
  writeFileSync(join(config, "contexts/tls", key, "docker", "ca.pem"), "authority");
  writeFileSync(
    join(config, "contexts/meta", key, "meta.json"),
    JSON.stringify({ Name: "lab", Endpoints: { docker: { Host: "tcp://lab:2376" } } }),
  );
  writeFileSync(join(config, "config.json"), JSON.stringify({ currentContext: "lab" }));
  const [endpoint] = findEndpoints({ HOME: folder });
  assert.deepEqual(
    [endpoint?.host, endpoint?.port, endpoint?.tls?.ca?.toString()],
    ["lab", 2376, "authority"],
  );
  assert.equal(findEndpoints({ HOME: folder, DOCKER_HOST: "unix:///x.sock" })[0]?.socketPath, "/x.sock");
  assert.throws(() => findEndpoints({ HOME: folder, DOCKER_CONTEXT: "nosuch" }), {
    kind: "CONTAINER_ENGINE_UNUSABLE",
    message: /nosuch/,
  });
});

test("addresses that cannot be used are told", () => {
  for (const [address, message] of [
    ["ssh://lab", /ssh/],
    ["npipe:////./pipe/docker_engine", /not understood/],
    ["unix://relative", /not understood/],
    ["nonsense", /not understood/],
  ] as const) {
    assert.throws(() => findEndpoints({ DOCKER_HOST: address }), {
      kind: "CONTAINER_ENGINE_UNUSABLE",
      message,
    });
  }
  assert.deepEqual(findEndpoints({ DOCKER_HOST: "tcp://[::1]:99" }), [
    { name: "tcp://[::1]:99", host: "::1", port: 99 },
  ]);
});

describe("a real engine", { skip }, () => {
  const box = useEngine();

  test("is asked in its own version", async () => {
    const connection = await connect({ environment: { DOCKER_HOST: box.engine.host } });
    assert.equal(connection.product, "docker");
    assert.ok((await connection.info()).ServerVersion);
  });
});
