import picocolors from "picocolors";

export type Paint = (text: string) => string;

export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
}

/** Colours for a stream: on terminals only, and never with NO_COLOR (no-color.org). */
export function styleFor(
  isTerminal: boolean,
  variables: Readonly<Record<string, string | undefined>>,
): Style {
  return picocolors.createColors(isTerminal && !variables["NO_COLOR"] && variables["TERM"] !== "dumb");
}
