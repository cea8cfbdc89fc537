import type { Json } from "../../util/json.ts";

/** JSON as Python writes it, with `NaN` and `Infinity` as words; undefined when it is none. */
export function pythonJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    try {
      return JSON.parse(
        text.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (token) =>
          token[0] === '"' ? token : `"${token}"`,
        ),
      ) as Json;
    } catch {
      return undefined;
    }
  }
}
