import type { RefUpdate } from "../../../../services/ports/sharing.ts";
import type { RefusedRef, SentRefs } from "../remote-link.ts";
import type { GitOutcome } from "./run-git.ts";

/** Reads what `git push --porcelain` says of each reference. Undefined when it did not come so far. */
export function parsePushed(updates: readonly RefUpdate[], outcome: GitOutcome): SentRefs | undefined {
  const said = new Map<string, { flag: string; summary: string }>();
  for (const line of outcome.stdout.split("\n")) {
    const match = /^([ +\-*!=])\t[^\t]*:([^\t:]+)\t(.*)$/.exec(line);
    if (match?.[1] && match[2]) said.set(match[2], { flag: match[1], summary: match[3] ?? "" });
  }
  const accepted: string[] = [];
  const refused: RefusedRef[] = [];
  for (const { name } of updates) {
    const result = said.get(name);
    if (!result) return undefined;
    if (result.flag !== "!") accepted.push(name);
    else refused.push(refusal(name, result.summary, outcome.stderr));
  }
  // A remote that broke down in the middle says so of every reference.
  if (refused.some(({ reason }) => /remote failed to report status|unpacker error/.test(reason)))
    return undefined;
  return { objects: sentObjects(outcome.stderr), accepted, refused };
}

/** What a remote that is asked by its name for reasons says; also used for those that answer us directly. */
export function refusal(name: string, summary: string, stderr: readonly string[]): RefusedRef {
  const why = /\((.*)\)$/.exec(summary)?.[1] ?? summary;
  const isStale =
    /stale info|fetch first|already exists|failed to update ref|reference already|but expected|cannot lock/;
  if (isStale.test(why)) return { name, reason: "it has changed meanwhile", changed: true };
  const remote = stderr.flatMap((line) => /^remote: +(\S.*?)\s*$/.exec(line)?.[1] ?? []);
  const words = /hook declined/.test(why) && remote[0] ? `${why}: ${remote[0]}` : why;
  return { name, reason: words, changed: false };
}

function sentObjects(stderr: readonly string[]): number {
  for (const line of stderr) {
    const match = /^Total (\d+) \(/.exec(line);
    if (match) return Number(match[1]);
  }
  return 0;
}
