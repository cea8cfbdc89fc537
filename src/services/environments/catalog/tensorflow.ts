import { type CatalogueEntry, INSTALL_REQUIREMENTS, lines, requirements } from "./entry.ts";

const variant = (type: "cpu" | "gpu", image: string) => ({
  type,
  language: "py311",
  image,
  files: {
    Dockerfile: lines(`FROM ${image}`, ...INSTALL_REQUIREMENTS),
    "requirements.txt": requirements(),
  },
});

export const tensorflow: CatalogueEntry = {
  framework: "tensorflow",
  description: "TensorFlow 2.19 with Keras 3",
  variants: [
    variant("cpu", "tensorflow/tensorflow:2.19.0"),
    variant("gpu", "tensorflow/tensorflow:2.19.0-gpu"),
  ],
};
