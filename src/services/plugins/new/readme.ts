import { SDK_FOLDER } from "../../ports/plugin-kit.ts";
import type { Language } from "./template.ts";

export interface ReadmeFacts {
  readonly name: string;
  readonly description: string;
  readonly language: Language;
  readonly main: string;
  /** How it is used once it is granted. */
  readonly use: string;
  /** Whether testing it has to be allowed. */
  readonly reaches: boolean;
  /** Whether it has a `tests.json`. */
  readonly hasCases: boolean;
}

/** The README of a new plugin: how it is tried, changed and given to others. */
export function readmeOf(facts: ReadmeFacts): string {
  const { name, description, language, main, use, reaches, hasCases } = facts;
  const confined = language === "typescript";
  const allow = confined ? "--asked" : "--allow-all";
  const allowed = confined ? (reaches ? " --asked" : "") : " --allow-all";
  const test = `datmo plugin test .${allowed}`;
  const files = [
    `- \`datmo-plugin.json\`: what it is, what it provides, and what it asks for. It gets nothing that is not in there.`,
    `- \`${main}\`: what it does.`,
    ...(hasCases ? ["- `tests.json`: tests against a real engine, in projects that are thrown away."] : []),
    ...(confined
      ? [
          "- `main_test.ts`: tests of its own, without an engine; also `deno test`.",
          `- \`deno.json\` and \`${SDK_FOLDER}/\`: for editors and \`deno check\`. \`datmo plugin test\` brings the folder up to date; it is no part of the plugin.`,
        ]
      : [
          `- It is a program that nothing confines, so it runs only where it was granted everything. ${needs(language)}`,
        ]),
  ];
  return `# ${name}

A datmo plugin: ${description}.

\`\`\`
${test}
datmo plugin dev .              installs it in the project of the folder, again at each change
datmo plugin install .          in a project
datmo plugin grant ${name} ${allow}
${use}
\`\`\`

${files.join("\n")}
`;
}

function needs(language: Language): string {
  return language === "python"
    ? "It needs the package `datmo` in the Python that `python3` is."
    : "It needs the package `datmo` in the R that `Rscript` is.";
}
