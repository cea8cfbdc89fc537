import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { cleanEnvironment } from "./snapshot-project.ts";

/** Of one request; far more than any test needs. */
const MOST_CPU_SECONDS = 60;

export interface GitServerOptions {
  /** Everybody must say so. */
  readonly login?: { readonly user: string; readonly password: string };
  /** Without it there is no git-lfs service. Default true. */
  readonly lfs?: boolean;
  /** Go on from the middle of a big file. Default true. */
  readonly ranges?: boolean;
}

/** Stock git's own http service and a small git-lfs server, for the repositories in one folder. */
export class GitServer {
  readonly requests: string[] = [];
  /** Changed by tests on the way. */
  options: GitServerOptions;
  /** What is sent in place of a big file. */
  readonly forged = new Map<string, Buffer>();
  readonly #root: string;
  readonly #server: Server;
  readonly #children = new Set<number>();

  private constructor(root: string, options: GitServerOptions) {
    this.#root = root;
    this.options = options;
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch((error: Error) => {
        response.statusCode = 500;
        response.end(error.message);
      });
    });
  }

  static async start(root: string, options: GitServerOptions = {}): Promise<GitServer> {
    const server = new GitServer(root, options);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  url(name: string, port = this.port): string {
    return `http://127.0.0.1:${port}/${name}`;
  }

  async close(): Promise<void> {
    for (const pid of this.#children) killGroup(pid);
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://x");
    this.requests.push(`${request.method} ${url.pathname}${request.headers.range ? " range" : ""}`);
    if (!this.#isLetIn(request)) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="test"' }).end();
      return;
    }
    const lfs = /^\/([^/]+)\/(?:info\/)?lfs\/objects\/(batch|verify|[0-9a-f]{64})$/.exec(url.pathname);
    if (!lfs) return this.#git(url, request, response);
    if (this.options.lfs === false) return void response.writeHead(404).end("Not found");
    const [, name = "", what = ""] = lfs;
    if (what === "batch") return this.#batch(name, request, response);
    if (what === "verify") return this.#verify(name, request, response);
    return request.method === "PUT"
      ? this.#store(name, what, request, response)
      : this.#send(name, what, request, response);
  }

  #isLetIn(request: IncomingMessage): boolean {
    const { login } = this.options;
    if (!login) return true;
    const wanted = Buffer.from(`${login.user}:${login.password}`).toString("base64");
    return request.headers.authorization === `Basic ${wanted}`;
  }

  #git(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const header = (name: string): string => String(request.headers[name] ?? "");
    // Without a length it reads to the end, also to that of a connection that was cut or of this process: told how
    // much is to come, git 2.39 asks for the rest for ever. The limit of processor time is for what is left.
    const child = spawn("sh", ["-c", `ulimit -t ${MOST_CPU_SECONDS}; exec git http-backend`], {
      env: {
        ...cleanEnvironment(),
        GIT_PROJECT_ROOT: this.#root,
        GIT_HTTP_EXPORT_ALL: "1",
        PATH_INFO: url.pathname,
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method ?? "",
        CONTENT_TYPE: header("content-type"),
        HTTP_CONTENT_ENCODING: header("content-encoding"),
        GIT_PROTOCOL: header("git-protocol"),
        REMOTE_USER: "tester",
      },
      stdio: ["pipe", "pipe", "ignore"],
      detached: true,
    });
    const { pid = 0 } = child;
    this.#children.add(pid);
    child.stdin.on("error", () => {});
    // Piping does not tell that the other side went away.
    response.on("close", () => {
      child.stdin.end();
      if (!response.writableFinished) killGroup(pid);
    });
    request.pipe(child.stdin);
    let head: Buffer | undefined = Buffer.alloc(0);
    child.stdout.on("data", (chunk: Buffer) => {
      if (head === undefined) return void response.write(chunk);
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      for (const line of head.toString("latin1", 0, end).split("\r\n")) {
        const [name = "", value = ""] = line.split(/: (.*)/);
        if (name === "Status") response.statusCode = Number.parseInt(value, 10);
        else response.setHeader(name, value);
      }
      response.write(head.subarray(end + 4));
      head = undefined;
    });
    return new Promise((resolve) => {
      child.on("close", () => {
        this.#children.delete(pid);
        response.end();
        resolve();
      });
    });
  }

  async #batch(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { operation, objects } = JSON.parse((await body(request)).toString()) as {
      operation: "upload" | "download";
      objects: { oid: string; size: number }[];
    };
    const at = `http://${request.headers.host}/${name}/lfs/objects`;
    const header = request.headers.authorization ? { Authorization: request.headers.authorization } : {};
    const answer = objects.map(({ oid, size }) => {
      const isThere = existsSync(this.path(name, oid));
      if (operation === "download" && !isThere && !this.forged.has(oid)) {
        return { oid, size, error: { code: 404, message: "Object does not exist" } };
      }
      const action = { href: `${at}/${oid}`, header };
      const upload = isThere ? {} : { upload: action, verify: { href: `${at}/verify`, header } };
      return { oid, size, actions: operation === "upload" ? upload : { download: action } };
    });
    const type = { "content-type": "application/vnd.git-lfs+json" };
    response.writeHead(200, type).end(JSON.stringify({ transfer: "basic", objects: answer }));
  }

  async #verify(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { oid, size } = JSON.parse((await body(request)).toString()) as { oid: string; size: number };
    const isThere = existsSync(this.path(name, oid)) && statSync(this.path(name, oid)).size === size;
    response.writeHead(isThere ? 200 : 404).end();
  }

  async #store(name: string, oid: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const content = await body(request);
    if (createHash("sha256").update(content).digest("hex") !== oid) {
      response.writeHead(422).end("wrong content");
      return;
    }
    const path = this.path(name, oid);
    mkdirSync(dirname(path), { recursive: true });
    const temporary = `${path}.${randomBytes(4).toString("hex")}`;
    writeFileSync(temporary, content);
    renameSync(temporary, path);
    response.writeHead(200).end();
  }

  async #send(name: string, oid: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const forged = this.forged.get(oid);
    if (forged) return void response.writeHead(200, { "content-length": forged.length }).end(forged);
    const path = this.path(name, oid);
    if (!existsSync(path)) return void response.writeHead(404).end();
    const { size } = statSync(path);
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1];
    const start = this.options.ranges !== false && range ? Number(range) : 0;
    const headers = { "content-length": size - start, "content-type": "application/octet-stream" };
    const part = { "content-range": `bytes ${start}-${size - 1}/${size}` };
    response.writeHead(start > 0 ? 206 : 200, start > 0 ? { ...headers, ...part } : headers);
    createReadStream(path, { start })
      .on("error", () => response.destroy())
      .pipe(response);
  }

  path(name: string, oid: string): string {
    return join(this.#root, name, "lfs", "objects", oid.slice(0, 2), oid.slice(2, 4), oid);
  }
}

async function body(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Answers of a fixed text to everything, for what no git server sends. */
export async function answerAlways(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    request.resume();
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function killGroup(pid: number): void {
  if (pid === 0) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
