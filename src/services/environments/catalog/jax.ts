import { type CatalogueEntry, INSTALL_REQUIREMENTS, lines, requirements } from "./entry.ts";
import { PYTHON_IMAGES, PYTHON_LANGUAGES } from "./python-images.ts";

const VERSION = "0.7.2";

/** The wheels for GPUs bring CUDA; the host needs nothing but its driver. */
const variants = (type: "cpu" | "gpu", requirement: string) =>
  PYTHON_LANGUAGES.map((language) => ({
    type,
    language,
    image: PYTHON_IMAGES[language],
    files: {
      Dockerfile: lines(`FROM ${PYTHON_IMAGES[language]}`, ...INSTALL_REQUIREMENTS),
      "requirements.txt": requirements(requirement),
    },
  }));

export const jax: CatalogueEntry = {
  framework: "jax",
  description: `JAX ${VERSION}; with gpu, CUDA 12`,
  variants: [...variants("cpu", `jax==${VERSION}`), ...variants("gpu", `jax[cuda12]==${VERSION}`)],
};
