import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { findControlGroup, readControlGroup } from "../../../src/drivers/docker/control-group.ts";
import { usageOfStats } from "../../../src/drivers/docker/usage-stats.ts";

const ID = "0123456789abcdef".repeat(4);

function roots(t: TestContext, files: Readonly<Record<string, string>>): { proc: string; groups: string } {
  const root = mkdtempSync(join(tmpdir(), "datmo-groups-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return { proc: join(root, "proc"), groups: join(root, "groups") };
}

test("reads a control group of version 2, as the kernel writes it", async (t) => {
  const path = `/system.slice/docker-${ID}.scope`;
  const at = roots(t, { "proc/77/cgroup": `0::${path}\n` });
  cpSync("test/fixtures/cgroup2", join(at.groups, path), { recursive: true });
  const group = await findControlGroup(77, ID, at);
  assert.equal(group?.version, 2);
  // 100 MB of the file's pages were written and are of no use any more: memory without them.
  const reading = await readControlGroup(group!);
  assert.equal(reading?.cpuSeconds, 3.108476);
  assert.equal(reading?.diskReadBytes, 0);
  assert.equal(reading?.diskWriteBytes, 104_857_600);
  assert.ok((reading?.memoryBytes ?? 0) > 100e6 && (reading?.memoryBytes ?? 0) < 221_495_296);
  rmSync(join(at.groups, path), { recursive: true });
  assert.equal(await readControlGroup(group!), undefined, "it has ended");
});

test("reads control groups of version 1, where the unified one counts nothing", async (t) => {
  const path = `/docker/${ID}`;
  const at = roots(t, {
    "proc/77/cgroup": `9:name=systemd:${path}\n5:memory:${path}\n4:blkio:${path}\n2:cpu,cpuacct:${path}\n0::${path}\n`,
    [`groups/cpuacct${path}/cpuacct.usage`]: "2500000000\n",
    [`groups/memory${path}/memory.usage_in_bytes`]: "50000000\n",
    [`groups/memory${path}/memory.stat`]: "cache 1\ninactive_file 7\ntotal_inactive_file 20000000\n",
    [`groups/blkio${path}/blkio.throttle.io_service_bytes_recursive`]:
      "8:0 Read 10\n8:0 Write 20\n8:16 Read 5\n8:0 Total 30\nTotal 35\n",
  });
  const group = await findControlGroup(77, ID, at);
  assert.equal(group?.version, 1);
  assert.deepEqual(await readControlGroup(group!), {
    cpuSeconds: 2.5,
    memoryBytes: 30_000_000,
    diskReadBytes: 15,
    diskWriteBytes: 20,
  });
});

test("a process of somebody else is never taken for the container's", async (t) => {
  const at = roots(t, {
    "proc/77/cgroup": "0::/system.slice/other.service\n",
    "proc/78/cgroup": `0::/../${ID}\n`,
    "groups/system.slice/other.service/cpu.stat": "usage_usec 1\n",
  });
  for (const pid of [77, 78, 79]) assert.equal(await findControlGroup(pid, ID, at), undefined);
});

test("reads what engines answer, each with parts missing", () => {
  const stats = {
    cpu_stats: { cpu_usage: { total_usage: 1_500_000_000 } },
    memory_stats: { usage: 5_000, stats: { total_inactive_file: 1_000, inactive_file: 900 } },
    blkio_stats: {
      io_service_bytes_recursive: [
        { op: "Read", value: 1 },
        { op: "write", value: 2 },
        { op: "read", value: 3 },
      ],
    },
  };
  assert.deepEqual(usageOfStats(stats), {
    cpuSeconds: 1.5,
    memoryBytes: 4_000,
    diskReadBytes: 4,
    diskWriteBytes: 2,
  });
  const bare = {
    ...stats,
    memory_stats: { usage: 5_000 },
    blkio_stats: { io_service_bytes_recursive: null },
  };
  assert.deepEqual(usageOfStats(bare), { cpuSeconds: 1.5, memoryBytes: 5_000 });
  assert.equal(usageOfStats({ cpu_stats: { cpu_usage: { total_usage: 0 } }, memory_stats: {} }), undefined);
  assert.equal(usageOfStats({}), undefined);
});
