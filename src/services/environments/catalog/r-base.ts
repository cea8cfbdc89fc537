import { type CatalogueEntry, lines } from "./entry.ts";

const variant = (language: string, image: string) => ({
  type: "cpu" as const,
  language,
  image,
  files: {
    Dockerfile: lines(
      `FROM ${image}`,
      "# Packages, of the date that belongs to this version of R:",
      "# RUN install2.r --error --skipinstalled data.table jsonlite",
    ),
  },
});

export const rBase: CatalogueEntry = {
  framework: "r-base",
  description: "R with packages frozen at a date (rocker/r-ver)",
  variants: [variant("r45", "rocker/r-ver:4.5.2"), variant("r44", "rocker/r-ver:4.4.2")],
};

export const rTidyverse: CatalogueEntry = {
  framework: "r-tidyverse",
  description: "R with the tidyverse and RStudio Server (rocker/tidyverse)",
  variants: [variant("r45", "rocker/tidyverse:4.5.2"), variant("r44", "rocker/tidyverse:4.4.2")],
};
