import type { Catalogue } from "../../ports/catalogue.ts";
import { conda } from "./conda.ts";
import { dataAnalytics } from "./data-analytics.ts";
import type { CatalogueEntry } from "./entry.ts";
import { jax } from "./jax.ts";
import { julia } from "./julia.ts";
import { pythonBase } from "./python-base.ts";
import { pytorch } from "./pytorch.ts";
import { rBase, rTidyverse } from "./r-base.ts";
import { tensorflow } from "./tensorflow.ts";

/** Everything of datmo's own that can be set up, the default first. */
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

export const ownCatalogue: Catalogue = {
  async entries() {
    return CATALOGUE;
  },
  async files(framework, { type, language }) {
    const variants = CATALOGUE.find((entry) => entry.framework === framework)?.variants ?? [];
    const variant = variants.find((one) => one.type === type && one.language === language);
    return new Map(Object.entries(variant?.files ?? {}));
  },
};
