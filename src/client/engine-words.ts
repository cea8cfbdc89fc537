/**
 * The words of `DATMO_ENGINE` where it is a command, such as `ssh HOST datmo engine`; undefined where it is the path
 * of an engine's file. Quotes hold words together.
 */
export function engineWords(named: string): readonly string[] | undefined {
  if (/\.[mc]?js$/.test(named)) return undefined;
  const words = named.match(/"[^"]*"|'[^']*'|[^\s"']+/g) ?? [];
  return words.map((word) => word.replace(/^(["'])(.*)\1$/s, "$2"));
}
