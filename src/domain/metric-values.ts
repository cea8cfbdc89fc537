/** A metric's value on the wire: JSON cannot write NaN and the infinities. */
export type MetricValue = number | "NaN" | "Infinity" | "-Infinity";

/** The wire form of a number. */
export function metricToWire(value: number): MetricValue {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
}

/** The number behind a wire form. */
export function metricFromWire(value: MetricValue | string | number): number {
  return typeof value === "number" ? value : Number(value);
}
