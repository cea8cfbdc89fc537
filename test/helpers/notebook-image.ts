import { spawnSync } from "node:child_process";
import { createReadStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { importTar, type TestEngine } from "./docker-engine.ts";

const HOST_IMAGE = fileURLToPath(new URL("hostimage.py", import.meta.url));

/** An image with the distribution's Jupyter Notebook, of this machine's own packages. */
export async function importNotebook(engine: TestEngine, name: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "datmo-notebook-image-"));
  try {
    const tar = join(folder, "image.tar");
    const packages = pythonPackagesOf("jupyter-notebook").flatMap((one) => ["-p", one]);
    // Loaded by name, or by what none of these packages links to.
    const more = ["libc-bin", "libzmq5", "libstdc++6", "libgcc-s1"].flatMap((one) => ["-p", one]);
    const words = [...packages, ...more, "-b", "/usr/bin/python3"];
    const made = spawnSync("sh", ["-c", `/usr/bin/python3 "$0" "$@" > '${tar}'`, HOST_IMAGE, ...words], {
      encoding: "utf8",
    });
    if (made.status !== 0) throw new Error(made.stderr);
    await importTar(engine, name, createReadStream(tar));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Installed packages of Python and Jupyter that one needs, itself among them; no pages' scripts, no debugger. */
function pythonPackagesOf(name: string): string[] {
  const no = ["recommends", "suggests", "conflicts", "breaks", "replaces", "enhances"].map(
    (it) => `--no-${it}`,
  );
  const { stdout } = spawnSync("apt-cache", ["depends", "--recurse", ...no, "--installed", name], {
    encoding: "utf8",
  });
  const names = stdout.split("\n").filter((line) => /^(python3|libpython3|jupyter)[\w.+-]*$/.test(line));
  return [...new Set(names)].sort();
}
