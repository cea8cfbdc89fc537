import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestEngine } from "./docker-engine.ts";
import { NEWER_ENGINE } from "./engine-kinds.ts";

export interface TestRegistry {
  /** As names of images begin. */
  readonly name: string;
  stop(): Promise<void>;
}

export const LOGIN = { username: "ada", password: "secret" } as const;
const HTPASSWD = "ada:$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n";

/** A real registry where only this engine sees it: on the loopback device of its network. */
export async function startRegistry(
  engine: TestEngine,
  port: number,
  options: { readonly login?: boolean } = {},
): Promise<TestRegistry> {
  const folder = join(engine.directory, `registry-${port}`);
  mkdirSync(join(folder, "store"), { recursive: true });
  const auth = `\nauth:\n  htpasswd:\n    realm: test\n    path: ${folder}/htpasswd`;
  writeFileSync(join(folder, "htpasswd"), HTPASSWD);
  writeFileSync(
    join(folder, "config.yml"),
    `version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: ${folder}/store\nhttp:\n  addr: 127.0.0.1:${port}${options.login ? auth : ""}\n`,
  );
  const pid = readFileSync(join(engine.directory, "d.pid"), "utf8").trim();
  const program = join(NEWER_ENGINE, "usr/bin/docker-registry");
  const words = [`--net=/proc/${pid}/ns/net`, program, "serve", join(folder, "config.yml")];
  const child = spawn("nsenter", words, { stdio: ["ignore", "ignore", "pipe"] });
  await listening(child);
  return {
    name: `127.0.0.1:${port}`,
    async stop() {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Gives an image of the engine another name, and that to a registry. */
export async function push(engine: TestEngine, image: string, name: string, login = false): Promise<void> {
  const [repo, tag] = [name.replace(/:[^:/]*$/, ""), name.replace(/^.*:/, "")];
  await post(engine, `/images/${image}/tag?repo=${encodeURIComponent(repo)}&tag=${tag}`, {});
  const text = JSON.stringify(login ? LOGIN : {});
  const header = Buffer.from(text).toString("base64").replaceAll("+", "-").replaceAll("/", "_");
  const answer = await post(engine, `/images/${repo}/push?tag=${tag}`, { "X-Registry-Auth": header });
  if (/"error"/.test(answer)) throw new Error(answer);
}

async function listening(child: ChildProcess): Promise<void> {
  let said = "";
  child.stderr?.on("data", (text: Buffer) => {
    said += text.toString();
  });
  while (!said.includes("listening on")) {
    if (child.exitCode !== null) throw new Error(`the registry ended: ${said}`);
    await sleep(20);
  }
}

function post(engine: TestEngine, path: string, headers: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { socketPath: engine.socket, path, method: "POST", headers, agent: false };
    const asked = request(options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => {
        if ((response.statusCode ?? 500) < 300) resolve(text);
        else reject(new Error(`${path}: ${response.statusCode} ${text}`));
      });
    });
    asked.on("error", reject);
    asked.end();
  });
}
