import { createInterface } from "node:readline/promises";
import { errors } from "../protocol/errors.ts";
import type { Call } from "./call.ts";

/** True when a person can be asked. */
export function canAsk(call: Call): boolean {
  return call.host.stdin.isTTY === true && call.stderr.isTerminal && !call.json;
}

/** Asks for a text; Enter and end of input give the default. Throws CANCELLED on Ctrl-C. */
export async function askText(call: Call, question: string, byDefault: string): Promise<string> {
  const answer = await ask(call, `${question}${byDefault === "" ? "" : ` [${byDefault}]`}: `);
  return answer === undefined || answer === "" ? byDefault : answer;
}

/** Asks yes or no; anything but a yes is a no. */
export async function askYes(call: Call, question: string): Promise<boolean> {
  const answer = await ask(call, `${question} [y/N]: `);
  return /^(y|yes|yeah|yup|true|1|t)$/i.test(answer ?? "");
}

async function ask(call: Call, question: string): Promise<string | undefined> {
  let answered: string | undefined;
  const lines = createInterface({ input: call.host.stdin, output: call.host.stderr });
  try {
    answered = await new Promise<string | undefined>((resolve, reject) => {
      lines.once("SIGINT", () => reject(errors.CANCELLED()));
      lines.once("close", () => resolve(undefined));
      lines.question(question).then((answer) => resolve(answer.trim()), reject);
    });
    return answered;
  } finally {
    lines.close();
    // Nobody typed Enter.
    if (answered === undefined) await call.stderr.write("\n");
  }
}
