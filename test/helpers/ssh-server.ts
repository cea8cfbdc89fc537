import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface SshServer {
  /** The words that carry out a command "on the other machine"; the command follows as words. */
  readonly ssh: readonly string[];
  /** A folder that is in PATH there and not here. */
  readonly programs: string;
}

const SSHD = "/usr/sbin/sshd";

/** A real sshd on the loopback, with keys and settings of its own, for whoever runs the tests. Ended after the test. */
export async function startSshServer(t: { after(end: () => void): void }): Promise<SshServer> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "datmo-sshd-")));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const [hostKey, userKey, programs] = [join(folder, "host"), join(folder, "user"), join(folder, "bin")];
  for (const key of [hostKey, userKey])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
  mkdirSync(programs);
  const port = await freePort();
  const settings = [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${hostKey}`,
    `AuthorizedKeysFile ${userKey}.pub`,
    `PidFile ${join(folder, "pid")}`,
    "AuthenticationMethods publickey",
    "UsePAM no",
    // The folder lies in /tmp, which others may write into.
    "StrictModes no",
    `SetEnv PATH=${programs}:${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
  ];
  writeFileSync(join(folder, "sshd_config"), `${settings.join("\n")}\n`);
  // Asked for by an sshd that root starts.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  const child = spawn(SSHD, ["-D", "-e", "-f", join(folder, "sshd_config")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  t.after(() => child.kill());
  await listening(child.stderr);
  const options = [
    ["UserKnownHostsFile", "/dev/null"],
    ["StrictHostKeyChecking", "no"],
    ["IdentitiesOnly", "yes"],
    ["BatchMode", "yes"],
    ["LogLevel", "ERROR"],
  ].flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  const ssh = ["ssh", "-F", "none", "-i", userKey, "-p", String(port), ...options, "127.0.0.1"];
  return { ssh, programs };
}

/** A program of the other machine that starts a script with this Node. */
export function installThere({ programs }: SshServer, name: string, script: string): void {
  const path = join(programs, name);
  writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' -- '${script}' "$@"\n`);
  chmodSync(path, 0o755);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Resolves when the server says that it listens; fails with what it said when it ends before. */
async function listening(log: NodeJS.ReadableStream): Promise<void> {
  let text = "";
  await new Promise<void>((resolve, reject) => {
    log.on("data", (chunk: Buffer) => {
      text += chunk;
      if (text.includes("Server listening")) resolve();
    });
    log.once("close", () => reject(new Error(`sshd has ended: ${text}`)));
  });
}
