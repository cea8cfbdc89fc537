/** One choice of an entry. */
export interface CatalogueChoice {
  readonly type: "cpu" | "gpu";
  /** Language and version: `py313`, `r45`; `py3` is the Python that the image brings. */
  readonly language: string;
  /** Image that it builds on. Its digest is found out at the build. */
  readonly image: string;
}

export interface CatalogueListing {
  readonly framework: string;
  readonly description: string;
  /** The default first. */
  readonly variants: readonly CatalogueChoice[];
}

/** Environments that can be set up: datmo's own, and those of plugins. */
export interface Catalogue {
  /** Plugin that it is of. Absent: datmo's own. */
  readonly plugin?: string;
  /** The default first. */
  entries(signal: AbortSignal): Promise<readonly CatalogueListing[]>;
  /** Definition files of a choice by path, the Dockerfile among them. */
  files(
    framework: string,
    choice: CatalogueChoice,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, string>>;
}
