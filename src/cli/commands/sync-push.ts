import type { StorePushResult } from "../../protocol/types.ts";
import { abortOnSignal } from "../abort-on-signal.ts";
import type { CommandModule } from "../command-module.ts";
import { transferText } from "../render/share-summary.ts";
import { count, plain } from "../render/text.ts";

export const syncPush: CommandModule = {
  define(command) {
    command.argument(
      "[remote]",
      "a git repository: path or address; the one of the last time when not given",
    );
  },
  async run(call) {
    const [remote] = call.args;
    const interrupt = abortOnSignal(call.host);
    try {
      const params = remote === undefined ? {} : { remote };
      const result = await call.request("store.push", params, { signal: interrupt.signal, progress: true });
      await call.answer(result, () => pushText(result));
      for (const note of notesOf(result)) await call.note(`${call.noteStyle.yellow("note:")} ${note}`);
      return 0;
    } finally {
      interrupt.end();
    }
  },
};

function pushText(result: StorePushResult): string {
  const to = plain(result.remote);
  return result.nothingNew ? `Nothing new for ${to}.` : `Sent to ${to}: ${transferText(result)}.`;
}

function notesOf({ waiting, keptBack }: StorePushResult): string[] {
  const notes: string[] = [];
  if (waiting > 0) notes.push(`the points of ${count(waiting, "run")} follow with a push after their end`);
  if (keptBack.length > 0) notes.push(`others could not take in: ${keptBack.map(plain).join(", ")}`);
  return notes;
}
