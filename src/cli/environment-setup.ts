import type { CatalogueEntry, EnvironmentSetupParams } from "../protocol/types.ts";
import type { Call } from "./call.ts";
import type { Prompter } from "./prompt.ts";
import { plain } from "./render/text.ts";

/** What the catalogue is asked for. */
export type SetupChoice = Pick<EnvironmentSetupParams, "type" | "framework" | "language">;

/** Asks for type, framework and language, one after the other; Enter takes the default. */
export async function askForSetup(call: Call, prompter: Prompter): Promise<SetupChoice> {
  const { entries, problems = [] } = await call.request("environment.catalog", {});
  for (const problem of problems) await call.note(`  ${plain(problem)}`);
  const type = await choose(prompter, "Type", unique(entries.flatMap(typesOf)));
  const fitting = entries.filter((entry) => typesOf(entry).includes(type));
  for (const { framework, description } of fitting) {
    await call.note(`  ${call.noteStyle.bold(plain(framework).padEnd(15))} ${plain(description)}`);
  }
  const framework = await choose(
    prompter,
    "Framework",
    fitting.map((entry) => entry.framework),
  );
  const variants = fitting.find((entry) => entry.framework === framework)?.variants ?? [];
  const languages = variants.filter((variant) => variant.type === type).map((variant) => variant.language);
  return { type, framework, language: await choose(prompter, "Language", languages) };
}

/** Asks until the answer is one of the choices, or the beginning of one. End of input gives the first. */
async function choose(prompter: Prompter, what: string, choices: readonly string[]): Promise<string> {
  const first = choices[0] ?? "";
  if (choices.length < 2) return first;
  for (;;) {
    const answer = (await prompter.text(`${what} (${choices.join(", ")})`, first)).toLowerCase();
    const exact = choices.find((choice) => choice === answer);
    const begun = choices.filter((choice) => choice.startsWith(answer));
    if (exact !== undefined) return exact;
    if (begun.length === 1 && begun[0] !== undefined) return begun[0];
  }
}

function typesOf({ variants }: CatalogueEntry): string[] {
  return unique(variants.map(({ type }) => type));
}

function unique(words: readonly string[]): string[] {
  return [...new Set(words)];
}
