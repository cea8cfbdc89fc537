import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

const HELPER = join(import.meta.dirname, "../../helpers/git-server.ts");
const PROGRAM = `const { GitServer } = await import(${JSON.stringify(HELPER)});
console.log((await GitServer.start(process.argv[1])).port);`;
const isLinux = process.platform === "linux";
let root: string;
let server: ChildProcess;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "datmo-git-server-"));
  spawnSync("git", ["init", "-q", "--bare", join(root, "r.git")]);
  server = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", PROGRAM, root]);
});
afterEach(() => {
  server.kill("SIGKILL");
  rmSync(root, { recursive: true, force: true });
});

/** Programs that work on the repositories of this test. */
function workers(): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, "latin1").includes(`ROOT=${root}\0`);
    } catch {
      return false;
    }
  });
}

/** Waits for it as long as the test may take. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause(20);
}

/** A push that says that more is to come than it sends. */
async function beginPush(): Promise<Socket> {
  const [port] = (await server.stdout!.take(1).toArray()) as Buffer[];
  const socket = connect(Number(port), "127.0.0.1").on("error", () => {});
  const type = "Content-Type: application/x-git-receive-pack-request";
  socket.write(
    `POST /r.git/git-receive-pack HTTP/1.1\r\nHost: x\r\n${type}\r\nContent-Length: 9999\r\n\r\n0094`,
  );
  await until(() => workers().length > 0);
  return socket;
}

it("ends git's programs when the connection is cut", { skip: !isLinux, timeout: 20_000 }, async () => {
  const socket = await beginPush();
  socket.destroy();
  await until(() => workers().length === 0);
  assert.equal(server.exitCode, null);
});

it("leaves no program of git's behind when it is killed", { skip: !isLinux, timeout: 20_000 }, async () => {
  const socket = await beginPush();
  server.kill("SIGKILL");
  await until(() => workers().length === 0);
  socket.destroy();
});
