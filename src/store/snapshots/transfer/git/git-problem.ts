import { type DatmoError, errors } from "../../../../protocol/errors.ts";
import { withoutPassword } from "../remote-address.ts";
import type { GitOutcome } from "./run-git.ts";

const LONGEST = 300;

const NOT_FOUND =
  /not found|does not appear to be a git repository|does not exist|could not resolve (host|proxy)|couldn't connect|failed to connect|connection refused|no route to host|network is unreachable|unable to look up|name or service not known|temporary failure in name resolution|not valid: is this a git repository/i;
const REFUSED =
  /authentication failed|could not read (username|password)|permission denied|access denied|dubious ownership|host key verification failed|hook declined|terminal prompts disabled|returned error: 40[13]|service not enabled|insufficient permission|read-only file system|unable to create (temporary|directory)|certificate|remote rejected|not permitted|access rights|forbidden|unable to write|no space left|quota/i;
const INVALID =
  /transport '.*' not allowed|unknown protocol|strange (hostname|pathname|port)|protocol '.*' is not supported/i;
/** Said beside what matters. */
const CHATTER =
  /^(hint:|warning:|Total |To |Done|Everything up|Please make sure|and the repository exists|Enumerating|Counting|Compressing|Delta|remote: (Enumerating|Counting|Compressing|Total|Resolving))/;

/** What git's last words mean. */
export function gitProblem(remote: string, outcome: GitOutcome): DatmoError {
  const lines = outcome.stderr
    .map((line) => line.trim())
    .filter((line) => line !== "" && !CHATTER.test(line));
  const all = lines.join("\n");
  const pick = (pattern: RegExp): string | undefined => lines.find((line) => pattern.test(line));
  const last =
    lines.find((line) => /^(fatal|error):/.test(line)) ?? lines.at(-1) ?? `git ended with ${outcome.code}`;
  if (INVALID.test(all)) return errors.REMOTE_INVALID(words(remote, pick(INVALID) ?? last));
  if (REFUSED.test(all)) return errors.REMOTE_REFUSED(words(remote, pick(REFUSED) ?? last));
  if (NOT_FOUND.test(all)) return errors.REMOTE_NOT_FOUND(words(remote, pick(NOT_FOUND) ?? last));
  return errors.REMOTE_BROKEN(words(remote, last));
}

/** One line without a password, without git's prefixes and without a full stop. */
export function words(remote: string, said: string): { remote: string; reason: string } {
  const line = withoutPassword(said.replace(/[\x00-\x1f\x7f]+/g, " ").trim());
  const plain = line.replace(/^(?:(?:fatal|error|remote|ssh): *)+/i, "").replace(/[.:]+$/, "");
  return { remote, reason: plain.length > LONGEST ? `${plain.slice(0, LONGEST)}…` : plain };
}
