import { spawnSync } from "node:child_process";
import { chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A folder with a stand-in for NVIDIA's hook, to be put on an engine's PATH. It gives a container what the request
 * says: an nvidia-smi that lists as many GPUs, of the `gpus` that the stand-in machine has, or parts of the first.
 */
export function makeGpuHook(directory: string, gpus: number): string {
  return writeHook(
    directory,
    `#!/usr/bin/python3
import json, os, sys
state = json.load(sys.stdin)
config = json.load(open(os.path.join(state["bundle"], "config.json")))
asked = dict(v.split("=", 1) for v in config["process"]["env"]).get("NVIDIA_VISIBLE_DEVICES", "")
names = [str(i) for i in range(${gpus})]
parts = [n for n in asked.split(",") if n.startswith("MIG-0") or n.startswith("0:")]
seen = names if asked == "all" else ["0"] if parts else [n for n in asked.split(",") if n in names]
root = config["root"]["path"]
lines = "\\\\n".join(f"{k}, Stand-in A100, GPU-00{n}, 40960, 550.54, 8.0" for k, n in enumerate(seen))
listed = "\\\\n".join(f"  MIG 1g.5gb     Device  {k}: (UUID: {n if n[0] == 'M' else 'MIG-0' + n[2:]})" for k, n in enumerate(parts))
script = "#!/bin/sh\\ncase $1 in --query-gpu*) printf '" + lines + "\\\\n' ;; -L) printf '" + listed + "\\\\n' ;; "
script += "*) echo '| CUDA Version: 12.4 |' ;; esac\\n"
if seen:
    path = os.path.join(root, "usr/bin/nvidia-smi")
    with open(path, "w") as file: file.write(script)
    os.chmod(path, 0o755)
`,
  );
}

/** A hook that fails with these words, as NVIDIA's does where its driver is broken. */
export function makeBrokenHook(directory: string, words: string): string {
  return writeHook(directory, `#!/bin/sh\ncat >/dev/null\necho '${words}' >&2\nexit 1\n`);
}

const SMI = `#!/bin/sh
case $1 in
--query-gpu*)
  i=0
  for d in /dev/nvidia[0-9]*; do
    [ -e "$d" ] || continue
    echo "$i, Stand-in H100, GPU-00\${d#/dev/nvidia}, 81920, 580.1, 9.0"
    i=$((i + 1))
  done ;;
-L)
  for d in /dev/nvidia-caps/mig*; do
    [ -e "$d" ] && echo "  MIG 1g.10gb     Device  \${d##*mig}: (UUID: MIG-00\${d##*mig})"
  done ;;
*) echo '| CUDA Version: 13.0 |' ;;
esac
`;

/** Writes a CDI specification of two GPUs, the first of which has two parts; all of their devices are /dev/null. */
export function writeCdiSpec(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const smi = join(folder, "nvidia-smi");
  writeFileSync(smi, SMI, { mode: 0o755 });
  const device = (name: string, ...paths: string[]) => ({
    name,
    containerEdits: { deviceNodes: paths.map((path) => ({ path: `/dev/${path}`, hostPath: "/dev/null" })) },
  });
  const spec = {
    cdiVersion: "0.5.0",
    kind: "nvidia.com/gpu",
    devices: [
      device("0", "nvidia0"),
      device("GPU-000", "nvidia0"),
      device("1", "nvidia1"),
      device("GPU-001", "nvidia1"),
      device("0:0", "nvidia0", "nvidia-caps/mig0"),
      device("0:1", "nvidia0", "nvidia-caps/mig1"),
      device("MIG-001", "nvidia0", "nvidia-caps/mig1"),
      device("all", "nvidia0", "nvidia1"),
    ],
    containerEdits: {
      env: ["NVIDIA_VISIBLE_DEVICES=void"],
      mounts: [{ hostPath: smi, containerPath: "/usr/bin/nvidia-smi", options: ["ro", "bind"] }],
    },
  };
  writeFileSync(join(folder, "nvidia.json"), JSON.stringify(spec, null, 2));
}

/** A folder like /dev of a machine with two GPUs of AMD's; the devices are all what /dev/null is. */
export function makeAmdDevices(directory: string): string {
  mkdirSync(join(directory, "dri"), { recursive: true });
  for (const [name, group] of [
    ["kfd", 109],
    ["dri/card0", 44],
    ["dri/renderD128", 109],
    ["dri/renderD129", 110],
  ] as const) {
    const path = join(directory, name);
    const made = spawnSync("mknod", ["-m", "660", path, "c", "1", "3"], { encoding: "utf8" });
    if (made.status !== 0) throw new Error(made.stderr);
    chownSync(path, 0, group);
  }
  return directory;
}

function writeHook(directory: string, text: string): string {
  const folder = join(directory, "hook");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "nvidia-container-runtime-hook"), text, { mode: 0o755 });
  return folder;
}
