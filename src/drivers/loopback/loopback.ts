import { get } from "node:http";
import { createServer } from "node:net";
import type { AnswerRequest, Loopback } from "../../services/ports/workspaces.ts";
import { createPortClaims } from "./port-claims.ts";

const HOST = "127.0.0.1";
const ANSWER_MS = 1_000;

/** `claims`: folder of ports that were given out, the same for all of the user's engines. */
export function createLoopback(claims: string): Loopback {
  const { claim, release } = createPortClaims(claims);
  return {
    async freePort(wanted, holder) {
      let port = wanted;
      while (!(await isFree(port)) || !(await claim(port, holder))) port = await anyFreePort();
      return port;
    },
    release,
    isFree,
    answers,
  };
}

/** Listening is the only question that the system answers truly; somebody may still be faster afterwards. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: HOST, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function anyFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ port: 0, host: HOST }, () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** `fetch` can hang for ever on a published port whose server is not up yet; this cannot. */
function answers({ port, path, headers = {} }: AnswerRequest): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host: HOST, port, path, headers, agent: false, timeout: ANSWER_MS }, (response) => {
      const { statusCode = 500 } = response;
      response.resume();
      response.once("error", () => {});
      resolve(statusCode < 500 && statusCode !== 401 && statusCode !== 403);
    });
    request.once("timeout", () => request.destroy());
    request.once("error", () => resolve(false));
    request.once("close", () => resolve(false));
  });
}
