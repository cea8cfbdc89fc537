import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { DatmoError, errors } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { canAsk } from "../prompt.ts";

/** Secrets that a person has typed; sent and kept nowhere. */
export interface TypedSecrets {
  readonly secretValues?: Readonly<Record<string, string>>;
}

/**
 * Makes a request, and when secrets are missing that the environment does not have, asks for them and makes it again.
 * Where nobody can be asked, the error stands.
 */
export async function withSecrets<T>(call: Call, request: (typed: TypedSecrets) => Promise<T>): Promise<T> {
  try {
    return await request({});
  } catch (error) {
    if (!(error instanceof DatmoError) || error.kind !== "SECRET_MISSING" || !canAsk(call)) throw error;
    const secretValues: Record<string, string> = {};
    for (const name of error.details["list"] as readonly string[]) {
      secretValues[name] = await askHidden(call, `${name}: `);
    }
    return request({ secretValues });
  }
}

/** One line that is not shown. Throws CANCELLED on Ctrl-C and at the end of input. */
async function askHidden(call: Call, question: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: call.host.stdin, output: silent, terminal: true });
  call.stderr.write(question);
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once("line", resolve);
      lines.once("SIGINT", () => reject(errors.CANCELLED()));
      lines.once("close", () => reject(errors.CANCELLED()));
    });
  } finally {
    lines.close();
    await call.note("");
  }
}
