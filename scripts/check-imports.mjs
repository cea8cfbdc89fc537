// Runs the import map over the sources. An empty check must fail, so the number of modules is asserted too.

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { cruise } from "dependency-cruiser";
import extractTSConfig from "dependency-cruiser/config-utl/extract-ts-config";

const MINIMUM_MODULES = 120;
const root = process.argv[2] ? resolve(process.argv[2]) : resolve(import.meta.dirname ?? ".", "..");
process.chdir(root);
const { config: rules } = await import(pathToFileURL(resolve(root, ".dependency-cruiser.mjs")).href);
const { output } = await cruise(
  ["src"],
  { ...rules.options, ruleSet: { forbidden: rules.forbidden }, validate: true },
  {},
  { tsConfig: extractTSConfig(resolve(root, "tsconfig.json")) },
);
const { violations, totalCruised } = output.summary;
for (const { rule, from, to } of violations) console.error(`${rule.name}: ${from} → ${to}`);
if (totalCruised < MINIMUM_MODULES) console.error(`only ${totalCruised} modules were looked at`);
process.exitCode = violations.length > 0 || totalCruised < MINIMUM_MODULES ? 1 : 0;
