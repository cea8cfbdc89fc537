export interface Commit {
  readonly tree: string;
  readonly parents: readonly string[];
}

export interface CommitText extends Commit {
  readonly message: string;
  /** RFC 3339. */
  readonly createdAt: string;
}

const AUTHOR = "datmo <datmo@localhost>";

/** Bytes of a commit object. Equal input gives an equal commit. */
export function encodeCommit({ tree, parents, message, createdAt }: CommitText): Buffer {
  const seconds = Math.max(0, Math.floor(Date.parse(createdAt) / 1000)) || 0;
  const lines = [
    `tree ${tree}`,
    ...parents.map((parent) => `parent ${parent}`),
    `author ${AUTHOR} ${seconds} +0000`,
    `committer ${AUTHOR} ${seconds} +0000`,
  ];
  // Git refuses a zero byte in a commit.
  const text = message.replaceAll("\0", "\uFFFD").replace(/\s*$/, "\n");
  return Buffer.from(`${lines.join("\n")}\n\n${text}`);
}

/** Tree and parents of a commit. Throws on bytes that are no commit. */
export function parseCommit(body: Buffer): Commit {
  const end = body.indexOf("\n\n");
  const lines = body.toString("latin1", 0, end < 0 ? body.length : end).split("\n");
  const tree = /^tree ([0-9a-f]{40})$/.exec(lines[0] ?? "")?.[1];
  if (!tree) throw new Error("a commit is damaged");
  const parents = lines.flatMap((line) => /^parent ([0-9a-f]{40})$/.exec(line)?.[1] ?? []);
  return { tree, parents };
}
