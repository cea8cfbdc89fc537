import { type CatalogueEntry, lines } from "./entry.ts";

const IMAGE = "mambaorg/micromamba:2.5.0";

const variant = (language: string, python: string) => ({
  type: "cpu" as const,
  language,
  image: IMAGE,
  files: {
    Dockerfile: lines(
      `FROM ${IMAGE}`,
      "COPY environment.yml /tmp/environment.yml",
      "RUN micromamba install -y -n base -f /tmp/environment.yml && micromamba clean --all --yes",
      "ENV PATH=/opt/conda/bin:$PATH",
    ),
    "environment.yml": lines(
      "name: base",
      "channels:",
      "  - conda-forge",
      "dependencies:",
      `  - python=${python}`,
      "  - pip",
    ),
  },
});

export const conda: CatalogueEntry = {
  framework: "conda",
  description: "packages of conda-forge from an environment.yml (micromamba)",
  variants: [variant("py313", "3.13"), variant("py312", "3.12")],
};
