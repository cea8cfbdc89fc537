import type { WorkspaceKind } from "../../domain/workspace.ts";
import type { Program } from "./programs.ts";

/** The Dockerfile that puts a program on top of an image; nothing is installed where it is there already. */
export function layerDockerfile(kind: WorkspaceKind, program: Program): (base: string) => string {
  const steps = kind === "rstudio" ? RSTUDIO : jupyter(program);
  return (base) => `FROM ${base}\nUSER 0\n${steps}`;
}

/** Python from the distribution only where there is none; R gets a kernel where R is, if it can be had. */
function jupyter({ executables, requirement }: Program): string {
  return `RUN set -e; \\
    if command -v ${executables[0]} >/dev/null; then exit 0; fi; \\
    if ! command -v python3 >/dev/null && ! command -v python >/dev/null && command -v apt-get >/dev/null; then \\
      apt-get update && apt-get install -y --no-install-recommends python3 python3-pip && rm -rf /var/lib/apt/lists/*; fi; \\
    python=$(command -v python3 || command -v python) || { echo "the image has no Python, and none could be installed"; exit 1; }; \\
    "$python" -m pip --version >/dev/null 2>&1 || { echo "the image has no pip"; exit 1; }; \\
    PIP_BREAK_SYSTEM_PACKAGES=1 PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1 \\
      "$python" -m pip install --no-cache-dir "${requirement}" "ipykernel>=6,<8"
RUN if command -v Rscript >/dev/null && ! [ -d /usr/local/share/jupyter/kernels/ir ] && ! [ -d /usr/share/jupyter/kernels/ir ]; then \\
      Rscript -e 'if (!requireNamespace("IRkernel", quietly = TRUE)) install.packages("IRkernel"); IRkernel::installspec(user = FALSE)' \\
      || echo "no kernel for R: the package IRkernel could not be installed"; fi
`;
}

/** The rocker images bring a script that knows the version that fits; others get the package of the maker. */
const RSTUDIO = `RUN set -e; \\
    if command -v rserver >/dev/null || [ -x /usr/lib/rstudio-server/bin/rserver ]; then exit 0; fi; \\
    if [ -x /rocker_scripts/install_rstudio.sh ]; then /rocker_scripts/install_rstudio.sh; exit 0; fi; \\
    command -v Rscript >/dev/null || { echo "the image has no R"; exit 1; }; \\
    command -v apt-get >/dev/null || { echo "RStudio Server is a package for Debian and Ubuntu, and the image is neither"; exit 1; }; \\
    apt-get update; apt-get install -y --no-install-recommends wget ca-certificates; \\
    wget -q -O /tmp/rstudio.deb "https://download2.rstudio.org/server/jammy/$(dpkg --print-architecture)/rstudio-server-2024.12.1-563-$(dpkg --print-architecture).deb"; \\
    apt-get install -y --no-install-recommends /tmp/rstudio.deb; rm -rf /tmp/rstudio.deb /var/lib/apt/lists/*
`;
