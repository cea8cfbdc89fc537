import { createInterface } from "node:readline";
import { errors } from "../protocol/errors.ts";
import type { Call } from "./call.ts";

/** Asks a person, one question after the other. */
export interface Prompter {
  /** Enter and end of input give the default. Throws CANCELLED on Ctrl-C. */
  text(question: string, byDefault: string): Promise<string>;
  /** Anything but a yes is a no. Throws CANCELLED on Ctrl-C. */
  yes(question: string): Promise<boolean>;
  close(): void;
}

/** True when a person can be asked. */
export function canAsk(call: Call): boolean {
  return call.host.stdin.isTTY === true && call.stderr.isTerminal && !call.json;
}

/** One reader for all questions: what is typed ahead belongs to the next one. */
export function openPrompter(call: Call): Prompter {
  const lines = createInterface({ input: call.host.stdin, output: call.host.stderr });
  const typed: string[] = [];
  let state: "open" | "ended" | "cancelled" = "open";
  let wake = (): void => {};
  lines.on("line", (line) => {
    typed.push(line.trim());
    wake();
  });
  lines.on("SIGINT", () => {
    state = "cancelled";
    lines.close();
  });
  lines.on("close", () => {
    if (state === "open") state = "ended";
    wake();
  });

  async function ask(question: string): Promise<string | undefined> {
    if (state === "open") {
      lines.setPrompt(question);
      lines.prompt();
    }
    while (typed.length === 0 && state === "open") {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (typed.length > 0) return typed.shift();
    // Nobody typed Enter.
    await call.note("");
    if (state === "cancelled") throw errors.CANCELLED();
    return undefined;
  }

  return {
    async text(question, byDefault) {
      const answer = await ask(`${question}${byDefault === "" ? "" : ` [${byDefault}]`}: `);
      return answer === undefined || answer === "" ? byDefault : answer;
    },
    async yes(question) {
      return /^(y|yes|yeah|yup|true|1|t)$/i.test((await ask(`${question} [y/N]: `)) ?? "");
    },
    close: () => lines.close(),
  };
}
