import { errors } from "../../protocol/errors.ts";
import type { PointColumns, PointSource } from "../../services/ports/series.ts";

/** Throws `INVALID_PARAMS` unless the columns have one length, and finite steps and times. */
export function checkPoints(points: PointColumns): void {
  const { name, step, value, at } = points;
  const n = name.length;
  if (step.length !== n || value.length !== n || at.length !== n) {
    throw invalid("the columns of the points differ in length", "");
  }
  for (let i = 0; i < n; i++) {
    if (!Number.isFinite(step[i])) throw invalid("a step is no finite number", `/step/${i}`);
    if (!Number.isFinite(at[i])) throw invalid("a time is no finite number", `/at/${i}`);
  }
}

/** Throws `INVALID_PARAMS` unless it is a stretch of whole positions of a source, as long as its points need. */
export function checkSource(source: PointSource, points: number): void {
  const { id, from, to, stride } = source;
  if (stride !== undefined && to - from !== points * stride && points > 0)
    throw invalid("the stretch of the source is not that of the points", "");
  const whole = Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 0 && to > from;
  if (!whole || !/^[0-9a-f]{16}$/.test(id)) throw invalid("the source of the points is no stretch", "");
}

function invalid(message: string, place: string): Error {
  const path = `/points${place}`;
  return errors.INVALID_PARAMS({ summary: `Points: ${message}.`, problems: [{ path, message }] });
}
