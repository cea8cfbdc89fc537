import { type Commit, parseCommit } from "./commit-format.ts";

const PERSON = /^[^<>\n\0]+ <[^<>\n\0]*> (?:0|[1-9]\d{0,17}) [+-]\d{4}$/;
const OTHER = /^(?:[a-z][a-z0-9-]* [^\0]*| [^\0]*)$/;

/** Tree and parents of a commit that came from elsewhere. Throws on anything that `git fsck --strict` would tell of. */
export function parseStrictCommit(body: Buffer): Commit {
  const end = body.indexOf("\n\n");
  if (end < 0 || body.includes(0)) throw new Error("a commit is damaged");
  const lines = body.toString("latin1", 0, end).split("\n");
  const commit = parseCommit(body);
  const heads = 1 + commit.parents.length;
  const parents = lines.slice(1, heads).every((line) => /^parent [0-9a-f]{40}$/.test(line));
  const [author = "", committer = "", ...others] = lines.slice(heads);
  const people =
    author.startsWith("author ") &&
    PERSON.test(author.slice(7)) &&
    committer.startsWith("committer ") &&
    PERSON.test(committer.slice(10));
  if (!parents || !people || !others.every((line) => OTHER.test(line)))
    throw new Error("a commit is damaged");
  return commit;
}
