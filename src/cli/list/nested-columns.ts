import type { Json, JsonObject } from "../../util/json.ts";
import { flatten } from "../render/text.ts";
import type { Column, ColumnSet } from "./column.ts";

interface WithValues {
  readonly config: JsonObject;
  readonly metrics: JsonObject;
}

/** Columns `config.KEY` and `metrics.NAME`. */
export function nestedColumns<T extends WithValues>(): Required<
  Pick<ColumnSet<T>, "dynamic" | "dynamicKeys">
> {
  return {
    dynamic(key) {
      const [, kind, path] = /^(config|metrics)\.(.+)$/.exec(key) ?? [];
      if (kind === undefined || path === undefined) return undefined;
      return column(key, path, (item) => item[kind as keyof WithValues]);
    },
    dynamicKeys(items) {
      const keys = (kind: keyof WithValues): string[] => [
        ...new Set(items.flatMap((item) => flatten(item[kind]).map(([path]) => `${kind}.${path}`))),
      ];
      return [...keys("config"), ...keys("metrics")];
    },
  };
}

function column<T>(key: string, path: string, of: (item: T) => JsonObject): Column<T> {
  const value = (item: T): Json | undefined => flatten(of(item)).find(([name]) => name === path)?.[1];
  return { key, title: key.toUpperCase(), value };
}
