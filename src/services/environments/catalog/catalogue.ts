import { errors } from "../../../protocol/errors.ts";
import { conda } from "./conda.ts";
import { dataAnalytics } from "./data-analytics.ts";
import type { CatalogueEntry, CatalogueVariant } from "./entry.ts";
import { jax } from "./jax.ts";
import { julia } from "./julia.ts";
import { pythonBase } from "./python-base.ts";
import { pytorch } from "./pytorch.ts";
import { rBase, rTidyverse } from "./r-base.ts";
import { tensorflow } from "./tensorflow.ts";

/** Everything that can be set up, the default first. */
export const CATALOGUE: readonly CatalogueEntry[] = [
  pythonBase,
  dataAnalytics,
  pytorch,
  tensorflow,
  jax,
  rBase,
  rTidyverse,
  julia,
  conda,
];

/** What was chosen; what was not said is the default. Throws CATALOGUE_UNKNOWN. */
export function chooseVariant(choice: {
  readonly framework?: string;
  readonly type?: string;
  readonly language?: string;
}): { readonly entry: CatalogueEntry; readonly variant: CatalogueVariant } {
  const { framework = CATALOGUE[0]?.framework ?? "", type = "cpu", language } = choice;
  const entry = CATALOGUE.find((one) => one.framework === framework);
  if (!entry)
    throw unknown("framework", framework, [...CATALOGUE.map((one) => one.framework), "requirements"]);
  const ofType = entry.variants.filter((variant) => variant.type === type);
  if (ofType.length === 0) throw unknown("type", type, unique(entry.variants.map((one) => one.type)));
  const variant =
    language === undefined ? ofType[0] : ofType.find((one) => one.language === language.toLowerCase());
  if (!variant) throw unknown("language", language ?? "", unique(ofType.map((one) => one.language)));
  return { entry, variant };
}

function unknown(what: string, value: string, known: readonly string[]): Error {
  return errors.CATALOGUE_UNKNOWN({ what, value, known: known.join(", ") });
}

function unique(words: readonly string[]): string[] {
  return [...new Set(words)];
}
