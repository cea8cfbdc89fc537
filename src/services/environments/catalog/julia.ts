import { type CatalogueEntry, lines } from "./entry.ts";

const variant = (language: string, image: string) => ({
  type: "cpu" as const,
  language,
  image,
  files: {
    Dockerfile: lines(
      `FROM ${image}`,
      // Readable for whichever user the container runs as.
      "ENV JULIA_DEPOT_PATH=/opt/julia",
      "# RUN julia -e 'using Pkg; Pkg.add(\"DataFrames\")'",
    ),
  },
});

export const julia: CatalogueEntry = {
  framework: "julia",
  description: "Julia",
  variants: [variant("jl112", "julia:1.12"), variant("jl110", "julia:1.10-bookworm")],
};
