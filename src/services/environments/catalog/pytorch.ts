import { type CatalogueEntry, INSTALL_REQUIREMENTS, lines, requirements } from "./entry.ts";
import { PYTHON_IMAGES, PYTHON_LANGUAGES } from "./python-images.ts";

const CUDA_TORCH = "pytorch/pytorch:2.9.1-cuda12.8-cudnn9-runtime";

export const pytorch: CatalogueEntry = {
  framework: "pytorch",
  description: "PyTorch 2.9; with gpu, CUDA 12.8 and cuDNN 9",
  variants: [
    ...PYTHON_LANGUAGES.map((language) => ({
      type: "cpu" as const,
      language,
      image: PYTHON_IMAGES[language],
      files: {
        Dockerfile: lines(
          `FROM ${PYTHON_IMAGES[language]}`,
          "RUN python -m pip install --no-cache-dir --index-url https://download.pytorch.org/whl/cpu \\",
          "    torch==2.9.1 torchvision==0.24.1",
          ...INSTALL_REQUIREMENTS,
        ),
        "requirements.txt": requirements(),
      },
    })),
    {
      type: "gpu",
      language: "py3",
      image: CUDA_TORCH,
      files: {
        Dockerfile: lines(
          `FROM ${CUDA_TORCH}`,
          // The image's Python belongs to its system, which is all there is in it.
          "ENV PIP_BREAK_SYSTEM_PACKAGES=1",
          ...INSTALL_REQUIREMENTS,
        ),
        "requirements.txt": requirements(),
      },
    },
  ],
};
