import { definePlugin, type FoundPoint } from "datmo-plugin";

/* Many trainers print `{"step": 3, "loss": 0.2, "eval": {"acc": 0.9}}`, one object a line. */

export default definePlugin({
  parsers: {
    "json-lines": (line) => {
      const found = objectOf(line);
      if (!found) return [];
      const step = found["step"] ?? found["epoch"];
      return numbersOf(found, "")
        .filter(([name]) => name !== "step" && name !== "epoch")
        .map(
          ([name, value]): FoundPoint => ({
            name,
            value,
            ...(Number.isSafeInteger(step) ? { step: step as number } : {}),
          }),
        );
    },
  },
});

function objectOf(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    // Python's json writes these three, which JSON does not have.
    const plain = line.replace(/(?<=[:[,]\s*)(NaN|-?Infinity)(?=\s*[,\]}])/g, '"$1"');
    return JSON.parse(plain) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** Numbers at any depth, by names joined with slashes. */
function numbersOf(object: object, prefix: string): [string, FoundPoint["value"]][] {
  return Object.entries(object).flatMap(([key, value]): [string, FoundPoint["value"]][] => {
    if (typeof value === "number" || value === "NaN" || value === "Infinity" || value === "-Infinity") {
      return [[prefix + key, value]];
    }
    return typeof value === "object" && value !== null ? numbersOf(value, `${prefix}${key}/`) : [];
  });
}
