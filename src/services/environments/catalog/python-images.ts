/** The official Python images, by the word for the language. */
export const PYTHON_IMAGES = {
  py313: "python:3.13-slim-bookworm",
  py312: "python:3.12-slim-bookworm",
  py311: "python:3.11-slim-bookworm",
} as const;

export type PythonLanguage = keyof typeof PYTHON_IMAGES;

export const PYTHON_LANGUAGES = Object.keys(PYTHON_IMAGES) as PythonLanguage[];

/** CUDA and cuDNN for code that brings no CUDA of its own; Ubuntu 24.04 has Python 3.12. */
export const CUDA_IMAGE = "nvidia/cuda:12.8.1-cudnn-runtime-ubuntu24.04";

/** Python on the CUDA image, in a venv, since the system's Python is not to be changed. */
export const PYTHON_ON_CUDA: readonly string[] = [
  `FROM ${CUDA_IMAGE}`,
  "RUN apt-get update \\",
  " && apt-get install -y --no-install-recommends python3 python3-venv \\",
  " && rm -rf /var/lib/apt/lists/* \\",
  " && python3 -m venv /opt/venv",
  "ENV PATH=/opt/venv/bin:$PATH",
];
