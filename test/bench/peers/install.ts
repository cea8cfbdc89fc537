import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { drive } from "./drive.ts";
import { type About, OURS, type Peer, type ReadyPeer } from "./peer.ts";

/** Environments and seeded stores stay here, so that a second run begins at once. */
export const CACHE: string = resolve("node_modules/.cache/datmo-peers");
const INSTALL_MS = 900_000;

/** Makes what a peer needs, once. Throws with the reason when that cannot be done. */
export async function install(peer: Peer): Promise<ReadyPeer> {
  if (peer.files && peer.packages.length === 0) {
    const version = execFileSync(peer.name, ["--version"], { encoding: "utf8" }).replace(/[^\d.]/g, "");
    return { ...peer, version, python: "", about: undefined };
  }
  const folder = join(CACHE, peer.environment ?? peer.name);
  const stamp = join(folder, "installed.txt");
  const wanted = `${peer.packages.join("\n")}\n`;
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
    makeEnvironment(folder, peer);
    writeFileSync(stamp, wanted);
  }
  const python = join(folder, "bin", "python");
  const ready = { ...peer, version: versionOf(peer), python, about: undefined };
  if (peer.files) return ready;
  return { ...ready, about: (await drive(ready, "about", [])).answer as About };
}

function makeEnvironment(folder: string, peer: Peer): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(CACHE, { recursive: true });
  const python = execFileSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" });
  run(python.trim(), ["-m", "venv", ...(peer === OURS ? ["--without-pip"] : []), folder]);
  if (peer === OURS) {
    // The client as it is in this checkout; an installed one lies in the same place of the search path.
    const purelib = "import sysconfig; print(sysconfig.get_path('purelib'))";
    const site = execFileSync(join(folder, "bin/python"), ["-c", purelib], { encoding: "utf8" }).trim();
    writeFileSync(join(site, "datmo.pth"), `${resolve("clients/python/src")}\n`);
    return;
  }
  run(join(folder, "bin/python"), ["-m", "pip", "install", "-q", ...peer.packages]);
}

function run(program: string, words: readonly string[]): void {
  const { status, stderr } = spawnSync(program, words, { encoding: "utf8", timeout: INSTALL_MS });
  if (status === 0) return;
  const said = (stderr ?? "").trim().split("\n").at(-1) ?? "";
  throw new Error(said === "" ? `${words.slice(0, 3).join(" ")} did not end in time` : said);
}

function versionOf(peer: Peer): string {
  if (peer === OURS) return (JSON.parse(readFileSync("package.json", "utf8")) as { version: string }).version;
  return peer.packages[0]?.split("==")[1] ?? "";
}
