/* The scenarios in every language, and the table in docs/ that says how they come out. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { allScenarios, isInstalled, languages, matrix, type Outcome, outcomesOf } from "./suite.ts";

const folder = mkdtempSync(join(tmpdir(), "datmo-titles-"));
const scenarios = allScenarios(folder);
rmSync(folder, { recursive: true });
const all = new Map<string, Map<string, Outcome>>();
const requireAll = process.env["DATMO_TEST_REQUIRE"] === "all";

describe("conformance", { concurrency: false }, () => {
  for (const language of languages) {
    const skip = requireAll || isInstalled(language) ? false : `${language.probe[0]} is not installed`;
    describe(language.name, { skip }, () => {
      let outcomes: Map<string, Outcome>;
      it("has a runner that runs to its end", async () => {
        outcomes = await outcomesOf(language);
        all.set(language.name, outcomes);
      });
      for (const { name, title } of scenarios) {
        it(title, () => {
          const outcome = outcomes.get(name);
          assert.ok(outcome, "the runner says nothing of it");
          assert.ok(outcome.ok, `${name}.json, step ${outcome.step}: ${outcome.problem}`);
        });
      }
    });
  }

  it("is what docs/conformance.md says", (t) => {
    if (all.size < languages.length) return t.skip("not every language is installed");
    const now = matrix(scenarios, all);
    process.stdout.write(`${now}\n`);
    assert.equal(readFileSync("docs/conformance.md", "utf8"), now, "npm run conformance writes it");
  });
});
