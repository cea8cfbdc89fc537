import { type CatalogueEntry, INSTALL_REQUIREMENTS, lines, requirements } from "./entry.ts";
import { CUDA_IMAGE, PYTHON_IMAGES, PYTHON_LANGUAGES, PYTHON_ON_CUDA } from "./python-images.ts";

const files = (...dockerfile: readonly string[]) => ({
  Dockerfile: lines(...dockerfile, ...INSTALL_REQUIREMENTS),
  "requirements.txt": requirements(),
});

export const pythonBase: CatalogueEntry = {
  framework: "python-base",
  description: "Python and pip; with gpu, CUDA and cuDNN",
  variants: [
    ...PYTHON_LANGUAGES.map((language) => ({
      type: "cpu" as const,
      language,
      image: PYTHON_IMAGES[language],
      files: files(`FROM ${PYTHON_IMAGES[language]}`),
    })),
    { type: "gpu", language: "py312", image: CUDA_IMAGE, files: files(...PYTHON_ON_CUDA) },
  ],
};
