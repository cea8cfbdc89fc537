import { spawnSync } from "node:child_process";
import { createReadStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { importTar, type TestEngine } from "./docker-engine.ts";
import { WHEELS } from "./wheel-folder.ts";

const HOST_IMAGE = fileURLToPath(new URL("hostimage.py", import.meta.url));

/** An image with Python and pip, whose pip takes wheels from a folder: there is no network in tests. */
export async function importPip(engine: TestEngine, name: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "datmo-pip-image-"));
  try {
    const { stdout } = spawnSync("/usr/bin/python3", ["--version"], { encoding: "utf8" });
    const version = /(\d+\.\d+)/.exec(stdout)?.[1];
    const python = [`libpython${version}-minimal`, `libpython${version}-stdlib`, `python${version}-minimal`];
    const packages = [
      ...python,
      "python3-pip",
      "python3-distutils",
      "python3-lib2to3",
      "libc-bin",
      "libc6",
      "libstdc++6",
      "libgcc-s1",
    ];
    const tar = join(folder, "image.tar");
    const words = [...packages.flatMap((one) => ["-p", one]), "-b", "/usr/bin/python3"];
    run(`python3 "$0" "$@" > '${tar}'`, [HOST_IMAGE, ...words]);
    mkdirSync(join(folder, "etc"));
    writeFileSync(join(folder, "etc", "pip.conf"), "[global]\nno-index = true\nfind-links = /wheels\n");
    const add = [
      "import sys, tarfile",
      "with tarfile.open(sys.argv[1], 'a', format=tarfile.GNU_FORMAT) as tar:",
      "    tar.add(sys.argv[2], 'wheels'); tar.add(sys.argv[3], 'etc/pip.conf')",
    ].join("\n");
    run('exec python3 -c "$0" "$@"', [add, tar, WHEELS, join(folder, "etc", "pip.conf")]);
    await importTar(engine, name, createReadStream(tar));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(script: string, words: readonly string[]): void {
  const { status, stderr } = spawnSync("sh", ["-c", script, ...words], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
}
