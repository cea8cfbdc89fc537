import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { cdiDevices, cdiNames } from "../../../src/drivers/docker/cdi.ts";
import { seenGpus } from "../../../src/drivers/docker/gpu-check.ts";
import { gpuNotAvailable } from "../../../src/drivers/docker/gpu-errors.ts";

// As nvidia-ctk writes it.
const YAML = `---
cdiVersion: 0.5.0
containerEdits:
  deviceNodes:
  - path: /dev/nvidia-modeset
  env:
  - NVIDIA_VISIBLE_DEVICES=void
  hooks:
  - args:
    - nvidia-cdi-hook
    hookName: createContainer
    path: /usr/bin/nvidia-cdi-hook
devices:
- containerEdits:
    deviceNodes:
    - path: /dev/nvidia0
  name: "0"
- name: GPU-8a2
- name: "1:0"
- name: all
kind: nvidia.com/gpu
`;

test("device specifications: YAML and JSON, each name once, other kinds left out", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "datmo-cdi-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "nvidia.yaml"), YAML);
  writeFileSync(
    join(folder, "again.json"),
    '{"kind":"nvidia.com/gpu","devices":[{"name":"0"},{"name":"2"}]}',
  );
  writeFileSync(join(folder, "net.json"), '{"kind":"acme.com/net","devices":[{"name":"0"}]}');
  writeFileSync(join(folder, "notes.txt"), "kind: nvidia.com/gpu\nname: x\n");
  const found = cdiDevices([folder, join(folder, "none")]);
  const names = ["0", "2", "GPU-8a2", "1:0", "all"].map((name) => `nvidia.com/gpu=${name}`);
  assert.deepEqual([...found].sort(), [...names].sort());
  assert.deepEqual(cdiNames({ kind: "count", count: 2 }, found), ["nvidia.com/gpu=0", "nvidia.com/gpu=2"]);
  assert.deepEqual(cdiNames({ kind: "devices", ids: ["GPU-8a2"] }, found), ["nvidia.com/gpu=GPU-8a2"]);
  assert.equal(cdiNames({ kind: "devices", ids: ["8a2"] }, found), undefined);
  assert.equal(cdiNames({ kind: "all" }, []), undefined);
  assert.deepEqual(cdiNames({ kind: "all" }, ["a/gpu=GPU-1"]), ["a/gpu=GPU-1"]);
});

test("what is seen inside: parts of GPUs, and what the kernel tells of AMD's", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "datmo-gpus-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const seen = (text: string) => {
    writeFileSync(join(folder, "gpus.txt"), `${text}\nend ok\n`);
    return seenGpus(folder, { kind: "all" }, async () => true);
  };
  assert.deepEqual(
    await seen("amd-device /dev/dri/renderD128|AMD Instinct MI300X|4a1b|206141652992|6.10.5"),
    [
      {
        vendor: "AMD",
        device: "/dev/dri/renderD128",
        model: "AMD Instinct MI300X",
        uuid: "4a1b",
        memoryBytes: 206141652992,
        driver: "6.10.5",
      },
    ],
  );
  assert.deepEqual(await seen("amd-device /dev/dri/renderD129||||"), [
    { vendor: "AMD", device: "/dev/dri/renderD129" },
  ]);
  assert.deepEqual(await seen("part   MIG 1g.5gb     Device  0: (UUID: MIG-5b6)"), [
    { vendor: "NVIDIA", model: "MIG 1g.5gb", uuid: "MIG-5b6" },
  ]);
});

test("why no GPU can be given, by what there is and what the toolkit said", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "datmo-gpus-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "version"), "");
  const places = { dev: join(folder, "none"), nvidiaProc: folder, cdi: [] };
  const none = { cdiFolders: [], cdiDevices: [], amdNodes: [], product: "docker", version: "27.1" } as const;
  const ids = { kind: "devices", ids: ["7"] } as const;
  for (const [plan, reason, message, hint] of [
    [none, "could not select device driver", /no NVIDIA container toolkit\.$/, /runtime configure/],
    [
      none,
      "hook #0: stderr: nvidia-container-cli: device error: 7: unknown device: unknown",
      /no GPU 7/,
      /-L/,
    ],
    [
      none,
      "stderr: nvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.4",
      /newer driver \(requirement error: unsatisfied condition: cuda>=12\.4\)/,
      /Update/,
    ],
    [
      { ...none, product: "podman", version: "4.3.1" },
      "",
      /Podman 4\.3\.1 takes a request for GPUs over its socket and gives none/,
      /Podman 5/,
    ],
    [
      { ...none, product: "podman", version: "5.4.2", cdiFolders: ["/etc/cdi"] },
      "",
      /no CDI specification in \/etc\/cdi, which Podman needs/,
      /nvidia-ctk cdi generate/,
    ],
  ] as const) {
    const { message: told, hint: way } = gpuNotAvailable(plan, ids, reason, places) as Error & {
      hint: string;
    };
    assert.match(told, message);
    assert.match(way, hint);
  }
});
