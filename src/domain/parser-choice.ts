/** Lines that are nothing but `name: number`; used when nothing else is said. */
export const KEY_VALUE = "key-value";

/** No metrics are taken out of the output. */
export const NO_PARSER = "none";

/** How a run's plan and record say it. Absent: `key-value`, which is all that earlier versions knew. */
export interface ParserFields {
  readonly parse: boolean;
  readonly parser?: string;
}

export function parserFields(name: string): ParserFields {
  if (name === NO_PARSER) return { parse: false };
  return name === KEY_VALUE ? { parse: true } : { parse: true, parser: name };
}

/** Name of the parser that a plan or record means. */
export function parserOf(fields: { readonly parse?: unknown; readonly parser?: unknown }): string {
  if (fields.parse === false) return NO_PARSER;
  return typeof fields.parser === "string" ? fields.parser : KEY_VALUE;
}
