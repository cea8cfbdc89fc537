import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { arch, hostname, release } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { cacheFile } from "../../../src/drivers/capture/cache-file.ts";
import { createCapture } from "../../../src/drivers/capture/capture.ts";
import { type DeviceFolders, findGpus } from "../../../src/drivers/capture/gpus.ts";
import { readLockFiles } from "../../../src/drivers/capture/lock-files.ts";
import { steeringVariables } from "../../../src/drivers/capture/variables.ts";
import { temporaryFolder, testContext, writeFiles, writeScript } from "./fixtures.ts";

test("describes this machine", async (t) => {
  const environment = { OMP_NUM_THREADS: "4", SECRET_TOKEN: "x" };
  const machine = await createCapture({ projectDirectory: temporaryFolder(t), environment }).machine();
  assert.equal(machine.host, hostname());
  assert.equal(machine.kernel, release());
  assert.equal(machine.arch, arch());
  assert.ok(machine.cpus >= 1 && Number.isInteger(machine.cpus));
  assert.ok(machine.memoryBytes > 2 ** 27);
  assert.ok(machine.os.length > 2 && machine.cpu.length > 2);
  assert.deepEqual(machine.variables, { OMP_NUM_THREADS: "4" });
});

test("keeps variables that steer, and seeds only when they are numbers", () => {
  const variables = {
    PYTHONHASHSEED: "0",
    CUBLAS_WORKSPACE_CONFIG: ":4096:8",
    PL_GLOBAL_SEED: "42",
    SEED: "-7",
    WALLET_SEED: "correct horse battery staple",
    SEEDLING: "1",
    API_KEY: "1234",
    XLA_FLAGS: "x".repeat(5_000),
    TZ: undefined,
  };
  assert.deepEqual(Object.entries(steeringVariables(variables)), [
    ["CUBLAS_WORKSPACE_CONFIG", ":4096:8"],
    ["PL_GLOBAL_SEED", "42"],
    ["PYTHONHASHSEED", "0"],
    ["SEED", "-7"],
  ]);
});

test("reads the lock files of the root, no others, none too large, without passwords", (t) => {
  const root = temporaryFolder(t);
  writeFiles(root, {
    "requirements.txt": "--index-url https://me:s3cretpw@host/simple\nnumpy==1\n",
    "requirements-dev.txt": "pytest\r\n",
    "uv.lock": "v",
    "renv.lock": "{}",
    "poetry.lock": "x".repeat((2 << 20) + 1),
    "notes.txt": "no",
    "sub/uv.lock": "no",
    "Pipfile.lock/x": "a folder",
  });
  assert.deepEqual(readLockFiles(root), {
    "renv.lock": "{}",
    "requirements-dev.txt": "pytest\r\n",
    "requirements.txt": "--index-url https://me:***@host/simple\nnumpy==1\n",
    "uv.lock": "v",
  });
  assert.deepEqual(readLockFiles(join(root, "absent")), {});
});

function devices(root: string): DeviceFolders {
  return { nvidia: join(root, "nvidia"), drm: join(root, "drm"), bootId: join(root, "boot_id") };
}

const NVIDIA = {
  "nvidia/version":
    "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5\nGCC version: 12\n",
  "nvidia/gpus/0000:01:00.0/information":
    "Model: \t\t NVIDIA H100 80GB HBM3\nGPU UUID: \t GPU-1234\nBus: x\n",
};

test("starts nothing where no driver is loaded", async (t) => {
  const root = temporaryFolder(t);
  writeScript(join(root, "bin/nvidia-smi"), `#!/bin/sh\necho x >> ${root}/starts\n`);
  assert.deepEqual(await findGpus(testContext(root, { PATH: join(root, "bin") }), devices(root)), []);
  assert.ok(!existsSync(join(root, "starts")));
});

test("asks for NVIDIA's cards once a boot", async (t) => {
  const root = temporaryFolder(t);
  const line = "0, NVIDIA H100 80GB HBM3, GPU-1234, 81559, 550.54.15, 9.0";
  writeScript(join(root, "bin/nvidia-smi"), `#!/bin/sh\necho x >> ${root}/starts\necho "${line}"\n`);
  writeFiles(root, { ...NVIDIA, boot_id: "one\n" });
  const ask = async (): Promise<readonly object[]> =>
    findGpus(
      {
        ...testContext(root, { PATH: `${join(root, "bin")}:/bin` }),
        cache: (name, version) => cacheFile(join(root, "cache"), name, version),
      },
      devices(root),
    );
  const expected = {
    vendor: "NVIDIA",
    model: "NVIDIA H100 80GB HBM3",
    index: 0,
    uuid: "GPU-1234",
    memoryBytes: 81_559 * 2 ** 20,
    driver: "550.54.15",
    computeCapability: "9.0",
  };
  assert.deepEqual(await ask(), [expected]);
  assert.deepEqual(await ask(), [expected]);
  // Once for the list, and once for the page that tells of CUDA.
  assert.equal(readFileSync(join(root, "starts"), "utf8"), "x\n".repeat(2));
  writeFiles(root, { boot_id: "two\n" });
  await ask();
  assert.equal(readFileSync(join(root, "starts"), "utf8"), "x\n".repeat(4));
});

test("reads what a real driver answers: the newest CUDA that it serves, and the parts of a divided card", async (t) => {
  const root = temporaryFolder(t);
  const real = resolve("test/fixtures/nvidia");
  writeScript(
    join(root, "bin/nvidia-smi"),
    `#!/bin/sh
case $1 in
  --query-gpu=index,name,uuid,memory.total,driver_version,compute_cap,mig.mode.current) cat ${root}/query.csv ;;
  -L) cat ${root}/list.txt ;;
  "") cat ${real}/page.txt ;;
  *) exit 2 ;;
esac
`,
  );
  const query = readFileSync(join(real, "query.csv"), "utf8");
  const list = readFileSync(join(real, "list.txt"), "utf8");
  writeFiles(root, { ...NVIDIA, "query.csv": query, "list.txt": list });
  const find = (): Promise<readonly object[]> =>
    findGpus(testContext(root, { PATH: `${join(root, "bin")}:/bin` }), devices(root));
  const expected = {
    vendor: "NVIDIA",
    model: "NVIDIA H100 80GB HBM3",
    index: 0,
    uuid: "GPU-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
    memoryBytes: 81_559 * 2 ** 20,
    driver: "580.159.04",
    cuda: "13.0",
    computeCapability: "9.0",
  };
  assert.deepEqual(await find(), [expected]);
  const parts =
    "  MIG 3g.40gb     Device  0: (UUID: MIG-11111111-2222)\n  MIG 1g.10gb     Device  1: (UUID: MIG-33333333-4444)\n";
  writeFiles(root, { "query.csv": query.replace("Disabled", "Enabled"), "list.txt": list + parts });
  const mig = [
    { profile: "3g.40gb", uuid: "MIG-11111111-2222" },
    { profile: "1g.10gb", uuid: "MIG-33333333-4444" },
  ];
  assert.deepEqual(await find(), [{ ...expected, mig }]);
});

test("falls back on the driver's own files when its program hangs or fails", async (t) => {
  const root = temporaryFolder(t);
  writeFiles(root, NVIDIA);
  const expected = [
    { vendor: "NVIDIA", model: "NVIDIA H100 80GB HBM3", uuid: "GPU-1234", driver: "550.54.15" },
  ];
  for (const body of ["sleep 300", "exit 9"]) {
    writeScript(join(root, "bin/nvidia-smi"), `#!/bin/sh\n${body}\n`);
    const context = testContext(root, { PATH: `${join(root, "bin")}:/bin` }, 200);
    assert.deepEqual(await findGpus(context, devices(root)), expected);
  }
  assert.deepEqual(await findGpus(testContext(root), devices(root)), expected);
});

test("reads cards of AMD and Intel from the kernel's files", async (t) => {
  const root = temporaryFolder(t);
  writeFiles(root, {
    "drm/card0/device/vendor": "0x1002\n",
    "drm/card0/device/device": "0x744c\n",
    "drm/card0/device/product_name": "Radeon RX 7900\n",
    "drm/card0/device/mem_info_vram_total": "25753026560\n",
    "drm/card1/device/vendor": "0x8086\n",
    "drm/card1/device/device": "0x9a49\n",
    "drm/card2/device/vendor": "0x1a03\n",
    "drm/card0-DP-1/device/vendor": "0x1002\n",
    "drm/renderD128/device/vendor": "0x1002\n",
  });
  assert.deepEqual(await findGpus(testContext(root), devices(root)), [
    { vendor: "AMD", model: "Radeon RX 7900", memoryBytes: 25_753_026_560 },
    { vendor: "Intel", model: "0x9a49" },
  ]);
});
