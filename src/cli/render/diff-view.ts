import type { Style } from "../style.ts";

export interface DiffView {
  readonly style: Style;
  /** Width of the terminal; undefined: no terminal, where every byte of a line is printed as it is. */
  readonly columns: number | undefined;
  /** Lines, numbers of lines, or only which paths. */
  readonly form: "lines" | "stat" | "names";
  /** Only files are shown. */
  readonly onlyFiles?: boolean;
}
