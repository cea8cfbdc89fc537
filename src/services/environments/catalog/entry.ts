import type { CatalogueChoice } from "../../ports/catalogue.ts";

/** One thing that can be set up: what a person chooses, and the files that it becomes. */
export interface CatalogueVariant extends CatalogueChoice {
  /** Definition files by name, the Dockerfile among them. */
  readonly files: { readonly [name: string]: string };
}

export interface CatalogueEntry {
  readonly framework: string;
  readonly description: string;
  /** The default first. */
  readonly variants: readonly CatalogueVariant[];
}

/** Joined lines, the last one ended too. */
export function lines(...all: readonly string[]): string {
  return `${all.join("\n")}\n`;
}

/** Installs the requirements.txt beside the Dockerfile; editing that file is how packages are added. */
export const INSTALL_REQUIREMENTS: readonly string[] = [
  "COPY requirements.txt /opt/datmo/requirements.txt",
  "RUN python -m pip install --no-cache-dir -r /opt/datmo/requirements.txt",
];

/** A requirements.txt to begin with. */
export function requirements(...packages: readonly string[]): string {
  return lines("# One package a line, with its version: numpy==2.2.6", ...packages);
}
