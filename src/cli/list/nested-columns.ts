import type { Run } from "../../protocol/types.ts";
import type { Json, JsonObject } from "../../util/json.ts";
import { flatten } from "../render/text.ts";
import type { Column, ColumnSet } from "./column.ts";

type SystemValue = "max" | "mean" | "min" | "last";

interface WithValues {
  readonly config: JsonObject;
  readonly metrics: JsonObject;
  readonly system?: Run["system"];
}

/** Columns `config.KEY`, `metrics.NAME` and, as in filters, `system.NAME` with `.mean` and the like. */
export function nestedColumns<T extends WithValues>(): Required<
  Pick<ColumnSet<T>, "dynamic" | "dynamicKeys">
> {
  return {
    dynamic(key) {
      const system = /^system\.(.+?)(?:\.(max|mean|min|last))?$/.exec(key);
      if (system) return systemColumn(key, `system/${system[1]}`, (system[2] ?? "max") as SystemValue);
      const [, kind, path] = /^(config|metrics)\.(.+)$/.exec(key) ?? [];
      if (kind === undefined || path === undefined) return undefined;
      return column(key, path, (item) => item[kind as "config" | "metrics"]);
    },
    dynamicKeys(items) {
      const keys = (kind: "config" | "metrics"): string[] => [
        ...new Set(items.flatMap((item) => flatten(item[kind]).map(([path]) => `${kind}.${path}`))),
      ];
      return [...keys("config"), ...keys("metrics")];
    },
  };
}

function systemColumn<T extends WithValues>(key: string, name: string, end: SystemValue): Column<T> {
  const value = (item: T): Json | undefined => item.system?.[name]?.[end];
  return { key, title: key.toUpperCase(), align: "right", value };
}

function column<T>(key: string, path: string, of: (item: T) => JsonObject): Column<T> {
  const value = (item: T): Json | undefined => flatten(of(item)).find(([name]) => name === path)?.[1];
  return { key, title: key.toUpperCase(), value };
}
