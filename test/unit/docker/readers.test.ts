import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { type TestContext, test } from "node:test";
import { type ProgressEvent, readEvents } from "../../../src/drivers/docker/build-events.ts";
import { buildError } from "../../../src/drivers/docker/build-report.ts";
import { copyOutput } from "../../../src/drivers/docker/copy-output.ts";
import { createDemux } from "../../../src/drivers/docker/demux.ts";
import { baseImages, neededImages, needsBuildKit } from "../../../src/drivers/docker/dockerfile.ts";
import { engineError, isGpuRefusal } from "../../../src/drivers/docker/engine-errors.ts";
import { openOutputLog } from "../../../src/drivers/docker/output-log.ts";
import { readApkInstalled, readDpkgStatus } from "../../../src/drivers/docker/package-lists.ts";

function frame(stream: number, text: string): Buffer {
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "datmo-output-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("frames are taken apart wherever the network cut them", () => {
  const all = Buffer.concat([frame(1, "one\n"), frame(2, "twö\n"), frame(1, ""), frame(1, "three\n")]);
  for (let size = 1; size <= all.length; size++) {
    const demux = createDemux();
    const texts = { 1: "", 2: "" };
    for (let at = 0; at < all.length; at += size) {
      for (const { stream, data } of demux(all.subarray(at, at + size)))
        texts[stream] += data.toString("latin1");
    }
    assert.equal(texts[1], "one\nthree\n");
    assert.equal(Buffer.from(texts[2], "latin1").toString(), "twö\n");
  }
});

test("a log that is opened again knows how far each stream has come, and goes on from there", async (t) => {
  const folder = makeFolder(t);
  const first = await openOutputLog(folder);
  await first.append([
    { stream: 1, data: Buffer.from("aaa") },
    { stream: 1, data: Buffer.from("a") },
    { stream: 2, data: Buffer.from("bb") },
  ]);
  await first.append([]);
  await first.close();
  const second = await openOutputLog(folder);
  assert.deepEqual(second.taken(), { 1: 4, 2: 2 });
  const source = Readable.from([Buffer.concat([frame(2, "bbb"), frame(1, "aaaaaa")])]);
  await copyOutput(source, second, second.taken());
  await second.close();
  assert.equal(readFileSync(join(folder, "output.log"), "latin1"), "aaaabbbaa");
});

test("a source that breaks off is an error, and what came is kept", async (t) => {
  const folder = makeFolder(t);
  const log = await openOutputLog(folder);
  const source = new PassThrough();
  const copied = copyOutput(source, log);
  source.write(frame(1, "kept"));
  setImmediate(() => source.destroy());
  await assert.rejects(copied, /closed/);
  await log.close();
  assert.equal(readFileSync(join(folder, "output.log"), "latin1"), "kept");
});

test("a disk that takes nothing does not stop the reading, and is told", async () => {
  const full = {
    append: () => Promise.reject(new Error("full")),
    taken: () => ({ 1: 0, 2: 0 }),
    close: async () => {},
  };
  const source = new PassThrough();
  const copied = copyOutput(source, full);
  const done = assert.rejects(copied, /full/);
  for (let turn = 0; turn < 50; turn++) {
    if (!source.write(frame(1, "x".repeat(100_000))))
      await new Promise((resolve) => source.once("drain", resolve));
  }
  source.end();
  await done;
});

test("lines of progress are whole, in any encoding of the network, and no JSON is text", async () => {
  const text = '{"stream":"héllo ✓\\n"}\r\nnot json\n{"error":"bad"}';
  const bytes = Buffer.from(text);
  for (let size = 1; size < bytes.length; size += 3) {
    const chunks: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
    const events: ProgressEvent[] = [];
    await readEvents(Readable.from(chunks), (event) => events.push(event));
    assert.deepEqual(events, [{ stream: "héllo ✓\n" }, { stream: "not json\n" }, { error: "bad" }]);
  }
});

test("base images: arguments, stages, platforms and comments", () => {
  const dockerfile = `# FROM no
ARG VERSION=3.12
ARG IMAGE="python"
FROM --platform=linux/amd64 $IMAGE:\${VERSION} AS build
ARG VERSION=9
FROM scratch
FROM build
FROM reg:5000/a/b@sha256:${"0".repeat(64)} \\
  as last
from \${NONE:-debian}`;
  assert.deepEqual(baseImages(dockerfile, { VERSION: "3.13" }), [
    "python:3.13",
    `reg:5000/a/b@sha256:${"0".repeat(64)}`,
    "debian",
  ]);
});

test("images that a build needs: bases, copies, mounts, syntax", () => {
  const text = `# syntax=docker/dockerfile:1
FROM python:3.12 AS build
RUN --mount=type=bind,from=ghcr.io/a/b:1,target=/b true
FROM scratch
COPY --chown=1 --from=build /x /x
COPY --from=0 /y /y
COPY --from=ghcr.io/astral-sh/uv:0.9 /uv /bin/
COPY --from=$LATE /z /z
`;
  assert.equal(neededImages(text, "classic").includes("docker/dockerfile:1"), false);
  assert.deepEqual(neededImages(text, "buildkit"), [
    "docker/dockerfile:1",
    "python:3.12",
    "ghcr.io/a/b:1",
    "ghcr.io/astral-sh/uv:0.9",
  ]);
});

test("what a program is told, and what a script says, is no image that a build needs", () => {
  const text = [
    "FROM python:3.12",
    "RUN uvx --from=black black . && echo --mount=from=x",
    "RUN python3 <<'EOF' && \\",
    "  python3 - <<-END > out",
    "from os import path \\",
    "EOF",
    "COPY --from=nowhere a b",
    "\tEND",
    "COPY <<one.txt <<two.txt /srv/",
    "FROM one",
    "one.txt",
    "FROM two",
    "two.txt",
    "RUN echo $((1<<2)) && cat <<<word && true <<unended",
    "COPY --chown=1 --from=tools:2 a b",
    "FROM last",
  ].join("\n");
  assert.deepEqual(baseImages(text), ["python:3.12", "last"]);
  assert.deepEqual(neededImages(text, "buildkit"), ["python:3.12", "last", "tools:2"]);
});

test("what only BuildKit understands is noticed", () => {
  assert.equal(needsBuildKit("# syntax=docker/dockerfile:1\nFROM x"), true);
  assert.equal(needsBuildKit("FROM x\nRUN --mount=type=cache,target=/c \\\n true"), true);
  assert.equal(needsBuildKit("FROM x\nRUN <<EOF\ntrue\nEOF"), true);
  assert.equal(needsBuildKit("FROM x\nCOPY --from=a --chown=1 b c\nRUN echo --mount=1"), false);
});

test("package lists of Debian and Alpine", () => {
  const dpkg =
    "Package: a\nStatus: install ok installed\nVersion: 1:2\nDescription: x\n more\n\nPackage: b\nStatus: deinstall ok config-files\nVersion: 3\n";
  assert.deepEqual(readDpkgStatus(dpkg), [{ name: "a", version: "1:2" }]);
  assert.deepEqual(readApkInstalled("C:Q1\nP:musl\nV:1.2-r4\nA:x86_64\n\nP:zlib\nV:1.3\n"), [
    { name: "musl", version: "1.2-r4" },
    { name: "zlib", version: "1.3" },
  ]);
});

test("the same trouble in the words of several engines", () => {
  const asked = { endpoint: "unix:///x", image: "img", command: "nosuch", memoryBytes: 1, cpus: 9 };
  for (const [statusCode, message, kind] of [
    [404, "No such image: img:latest", "IMAGE_MISSING"],
    [404, "No such container: abc", "CONTAINER_ENGINE_FAILED"],
    [
      500,
      "driver failed programming external connectivity on endpoint a (b): Error starting userland proxy: listen tcp4 127.0.0.1:8080: bind: address already in use",
      "PORT_TAKEN",
    ],
    [
      500,
      "driver failed programming external connectivity: Bind for 127.0.0.1:8080 failed: port is already allocated",
      "PORT_TAKEN",
    ],
    [
      400,
      'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "nosuch": executable file not found in $PATH: unknown',
      "COMMAND_NOT_IN_IMAGE",
    ],
    [
      500,
      "crun: executable file `nosuch` not found in $PATH: No such file or directory",
      "COMMAND_NOT_IN_IMAGE",
    ],
    [
      400,
      'invalid mount config for type "bind": bind source path does not exist: /a b/c',
      "MOUNT_SOURCE_MISSING",
    ],
    [400, "Minimum memory limit allowed is 6MB", "MEMORY_TOO_SMALL"],
    [400, "range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available", "CPUS_UNAVAILABLE"],
    [500, "something else", "CONTAINER_ENGINE_FAILED"],
  ] as const) {
    const thrown = Object.assign(new Error(`(HTTP code ${statusCode}) server error - ${message} `), {
      statusCode,
      json: { message },
    });
    const told = engineError(thrown, asked);
    assert.equal(told.kind, kind, message);
    if (kind === "PORT_TAKEN") assert.equal(told.details["port"], 8080, message);
    if (kind === "MOUNT_SOURCE_MISSING") assert.equal(told.details["path"], "/a b/c");
  }
  const reset = Object.assign(new Error("connect ECONNREFUSED /x"), { code: "ECONNREFUSED" });
  assert.equal(engineError(reset, asked).kind, "CONTAINER_ENGINE_STOPPED");
});

test("refusals of GPUs are told from other trouble", () => {
  for (const message of [
    'could not select device driver "" with capabilities: [[gpu]]',
    "Unknown runtime specified nvidia",
    "unknown or invalid runtime name: nvidia",
    "CDI device injection failed: unresolvable CDI devices nvidia.com/gpu=9",
    'error gathering device information while adding custom device "/dev/kfd": no such file or directory',
    "error running hook #0: exit status 1, stderr: nvidia-container-cli: initialization error: nvml error: driver not loaded",
  ]) {
    assert.equal(isGpuRefusal(new Error(message)), true, message);
  }
  assert.equal(isGpuRefusal(new Error("no space left on device")), false);
});

test("errors of builds in the words of both builders", () => {
  for (const [message, step, kind] of [
    ["dockerfile parse error line 2: unknown instruction: RUNN", "", "DOCKERFILE_INVALID"],
    ["Cannot locate specified Dockerfile: Dockerfile", "", "DOCKERFILE_INVALID"],
    ["pull access denied for nosuch, repository does not exist", "Step 1/1 : FROM nosuch:1", "IMAGE_MISSING"],
    [
      "failed to solve: nosuch:1: failed to resolve source metadata",
      "[internal] load metadata for docker.io/library/nosuch:1",
      "IMAGE_MISSING",
    ],
    [
      "creating build container: initializing source docker://reg.invalid/i:1: pinging: dial tcp: no such host",
      "",
      "IMAGE_MISSING",
    ],
    ['no contents in "/var/tmp/x/build/Dockerfile"', "", "DOCKERFILE_INVALID"],
    ["write /x: no space left on device", "Step 2/2 : RUN true", "IMAGE_BUILD_FAILED"],
  ] as const) {
    assert.equal((buildError(message, step, "") as Error & { kind: string }).kind, kind, message);
  }
});
