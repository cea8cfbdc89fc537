/* `npm run conformance [LANGUAGE…]`: runs the scenarios, prints what failed; with every language writes docs/conformance.md. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allScenarios, languages, matrix, type Outcome, outcomesOf } from "./suite.ts";

const wanted = process.argv.slice(2).map((name) => name.toLowerCase());
const chosen = languages.filter(({ name }) => wanted.length === 0 || wanted.includes(name.toLowerCase()));
const all = new Map<string, Map<string, Outcome>>();
for (const language of chosen) {
  const outcomes = await outcomesOf(language);
  all.set(language.name, outcomes);
  const failed = [...outcomes.values()].filter(({ ok }) => !ok);
  for (const { scenario, step, problem } of failed)
    process.stdout.write(`${language.name}: ${scenario}, step ${step}: ${problem}\n`);
  process.stdout.write(
    `${language.name}: ${outcomes.size - failed.length} of ${outcomes.size} as they should be\n`,
  );
  if (failed.length > 0) process.exitCode = 1;
}

const folder = mkdtempSync(join(tmpdir(), "datmo-titles-"));
const text = matrix(allScenarios(folder), all);
rmSync(folder, { recursive: true });
process.stdout.write(`\n${text}`);
if (chosen.length === languages.length) writeFileSync("docs/conformance.md", text);
