import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { isDatmoError } from "../../protocol/errors.ts";
import type { Skipped, Snapshot, SnapshotDiffResult } from "../../protocol/types.ts";
import type { Call } from "../call.ts";
import type { CommandModule } from "../command-module.ts";
import { answerDiff, defineDiffOptions, diffParams } from "../options/diff-options.ts";
import { count, plain, shortId } from "../render/text.ts";
import { timeText } from "../render/times.ts";

export const snapshotDiff: CommandModule = {
  define(command) {
    command
      .argument(
        "[a]",
        "id, label or unique beginning of an id: the left side; the newest snapshot if left out",
      )
      .argument("[b]", "the right side; the project's folder as it is if left out")
      .argument("[path...]", "only files at or below these paths");
    defineDiffOptions(command);
  },
  async run(call) {
    const { result, narrowed } = await compare(call, call.args);
    await warn(call, result.skipped ?? []);
    const right = result.b ? sideText(result.b) : "the project's folder";
    await answerDiff(call, result, [sideText(result.a), right], narrowed);
    return 0;
  },
};

/** The first two words are snapshots as long as there are such; from the first that is a path on all are paths. */
async function compare(
  call: Call,
  words: readonly string[],
  snapshots = Math.min(words.length, 2),
): Promise<{ result: SnapshotDiffResult; narrowed: boolean }> {
  const [a, b] = words.slice(0, snapshots);
  const paths = words.slice(snapshots);
  try {
    const result = await call.request("snapshot.diff", {
      ...(a === undefined ? {} : { a }),
      ...(b === undefined ? {} : { b }),
      ...diffParams(call, paths),
    });
    return { result, narrowed: paths.length > 0 };
  } catch (error) {
    if (!isDatmoError(error) || error.kind !== "SNAPSHOT_NOT_FOUND") throw error;
    const at = [a, b].indexOf(String(error.details["id"]));
    const word = words[at];
    if (at < 0 || word === undefined || !couldBePath(call, word)) throw error;
    return compare(call, words, at);
  }
}

/** No id has a dot or a slash in it. */
function couldBePath(call: Call, word: string): boolean {
  return /[./]/.test(word) || existsSync(resolve(call.host.directory, word));
}

function sideText({ id, label, message, createdAt }: Snapshot): string {
  return [shortId(id), timeText(createdAt), label && `[${plain(label)}]`, plain(message)]
    .filter(Boolean)
    .join("  ");
}

async function warn(call: Call, skipped: readonly Skipped[]): Promise<void> {
  if (skipped.length === 0) return;
  const list = skipped.slice(0, 10).map(({ path, reason }) => `${plain(path)} (${plain(reason)})`);
  const more = skipped.length > 10 ? ", …" : "";
  const what = `${count(skipped.length, "path")} could not be compared`;
  await call.note(`${call.noteStyle.yellow("warning:")} ${what}: ${list.join(", ")}${more}`);
}
