import { randomUUID } from "node:crypto";

/** A Jupyter server as its own page would use it, by its address with the secret in it. */
export interface Jupyter {
  /** Status of a request; `anonymous`: without the secret. */
  status(path: string, anonymous?: boolean): Promise<number>;
  /** Runs a cell in a new kernel over its websocket; what it printed. `kernel`: default that of Python. */
  execute(code: string, kernel?: string): Promise<string>;
  shutdown(): Promise<void>;
}

export function jupyterAt(url: string): Jupyter {
  const { origin, searchParams } = new URL(url);
  const token = searchParams.get("token") ?? "";
  const headers = { authorization: `token ${token}` };
  const ask = (path: string, method = "GET", body?: object): Promise<Response> =>
    fetch(origin + path, {
      method,
      headers,
      signal: AbortSignal.timeout(60_000),
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  return {
    async status(path, anonymous) {
      const response = anonymous
        ? await fetch(origin + path, { redirect: "manual", signal: AbortSignal.timeout(60_000) })
        : await ask(path);
      await response.arrayBuffer();
      return response.status;
    },
    async execute(code, name = "python3") {
      const kernel = (await (await ask("/api/kernels", "POST", { name })).json()) as {
        id: string;
      };
      const channel = `${origin.replace("http", "ws")}/api/kernels/${kernel.id}/channels?token=${token}`;
      return runCell(channel, code);
    },
    async shutdown() {
      await (await ask("/api/shutdown", "POST")).arrayBuffer();
    },
  };
}

interface KernelMessage {
  readonly msg_type?: string;
  readonly header?: { readonly msg_type: string };
  readonly parent_header?: { readonly msg_id?: string };
  readonly content: {
    readonly text?: string;
    readonly execution_state?: string;
    readonly status?: string;
    readonly traceback?: readonly string[];
  };
}

async function runCell(channel: string, code: string): Promise<string> {
  const { default: WebSocket } = await import("ws");
  const socket = new WebSocket(channel);
  const id = randomUUID();
  let printed = "";
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.on("close", () => reject(new Error(`the kernel is gone; it printed: ${printed}`)));
    socket.on("open", () => socket.send(JSON.stringify(executeRequest(id, code))));
    socket.on("message", (data) => {
      const message = JSON.parse(String(data)) as KernelMessage;
      if (message.parent_header?.msg_id !== id) return;
      const type = message.header?.msg_type;
      if (type === "stream") printed += message.content.text ?? "";
      if (type === "error") printed += (message.content.traceback ?? []).join("\n");
      // Replies and output come by different ways; after this there is no more of either.
      if (type !== "status" || message.content.execution_state !== "idle") return;
      resolve(printed);
      socket.removeAllListeners("close");
      socket.close();
    });
  });
}

function executeRequest(id: string, code: string): object {
  const content = { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false };
  const header = {
    msg_id: id,
    username: "",
    session: randomUUID(),
    msg_type: "execute_request",
    version: "5.3",
  };
  return { header, parent_header: {}, metadata: {}, content, channel: "shell" };
}
