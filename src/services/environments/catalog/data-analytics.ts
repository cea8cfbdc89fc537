import { type CatalogueEntry, INSTALL_REQUIREMENTS, lines, requirements } from "./entry.ts";
import { PYTHON_IMAGES, PYTHON_LANGUAGES } from "./python-images.ts";

const PACKAGES = [
  "matplotlib==3.10.3",
  "numpy==2.2.6",
  "pandas==2.2.3",
  "pyarrow==20.0.0",
  "scikit-learn==1.6.1",
  "scipy==1.15.3",
  "seaborn==0.13.2",
  "statsmodels==0.14.4",
];

export const dataAnalytics: CatalogueEntry = {
  framework: "data-analytics",
  description: "Python with NumPy, pandas, SciPy, scikit-learn and matplotlib",
  variants: PYTHON_LANGUAGES.map((language) => ({
    type: "cpu",
    language,
    image: PYTHON_IMAGES[language],
    files: {
      Dockerfile: lines(`FROM ${PYTHON_IMAGES[language]}`, ...INSTALL_REQUIREMENTS),
      "requirements.txt": requirements(...PACKAGES),
    },
  })),
};
