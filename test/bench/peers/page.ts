import type { Results } from "./results.ts";
import { notes, table } from "./table.ts";

/** The page of the documentation, made of nothing but the results. */
export function page(results: Results, peers: readonly string[]): string {
  const measured = peers.filter((peer) => results.versions[peer] !== undefined);
  const versions = measured.map((peer) => `${peer} ${results.versions[peer]}`).join(", ");
  const how = measured.flatMap((peer) => (results.how[peer] ? [`- **${peer}**: ${results.how[peer]}.`] : []));
  const missing = Object.entries(results.missing).map(
    ([peer, why]) => `- **${peer}** is not measured: ${why}`,
  );
  return `# datmo beside its peers

Made by \`npm run bench -- --peers\` on ${results.at.slice(0, 10)}; ${results.machine}.
${versions}.

Medians of interleaved runs; in brackets how many times worse than datmo, so that below 1× the other is better. **✗** marks what somebody else is first at, \`*\` a note below the table, – what a tool does not offer.

${table(results, peers)}

Shares are of log calls that had returned, or of runs. Ours is on disk, synced, when a run has ended; the others leave that to the system.

${notes(results)
  .map((note) => `- * ${note}`)
  .join("\n")}

## How each is used

${[...how, ...missing].join("\n")}
- **git**: \`git add -A\` and \`git commit\`; **dvc**: \`dvc add data\`, then what it leaves to git.

Every peer is an adapter of a few lines in \`test/bench/peers/adapters\`, its version pinned in \`peers.json\` beside it. To add one, write its adapter (\`driver.py\` says what it may have) and its line there; \`npm run bench -- --peers --peer NAME\` measures it alone, \`--row NAME\` one group of rows.
`;
}
