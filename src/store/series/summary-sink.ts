import type { Summary } from "../../services/ports/series.ts";
import { type Chunk, seriesOf, stepOf, timeOf } from "./chunk.ts";
import type { Stretches } from "./coverage.ts";
import type { ChunkFile, RunSink } from "./run-pass.ts";
import type { SealedFile } from "./sealed-file.ts";
import { isSystemName, metricName, SeriesNames } from "./series-names.ts";
import { SummaryTable } from "./summary-table.ts";

/** Summaries of all series of a run, with the engines whose points they cover. */
export class SummarySink implements RunSink {
  readonly #names = new SeriesNames();
  readonly #strong = new SummaryTable();
  readonly #weak = new SummaryTable();
  readonly #writers: Set<string>[] = [];
  /** Per file: number in the file → number here. */
  readonly #numbers = new WeakMap<readonly string[], number[]>();

  async sealed(file: SealedFile): Promise<void> {
    for (const { name, weak, writers, summary } of file.index.series) {
      if (summary.count === 0) continue;
      const number = this.#number(name);
      (weak ? this.#weak : this.#strong).merge(number, summary);
      for (const writer of writers) this.#writers[number]!.add(writerName(writer, weak));
    }
  }

  chunk(chunk: Chunk, fresh: Stretches, file: ChunkFile): void {
    const numbers = this.#numbersOf(file.names);
    const { weak } = chunk.source;
    const table = weak ? this.#weak : this.#strong;
    const writer = writerName(file.writer, weak);
    let series = -1;
    let number = -1;
    // A writer whose points were all seen before is covered as well: its own summary counts them too.
    for (let i = 0; i < chunk.count; i++) {
      if (seriesOf(chunk, i) === series) continue;
      series = seriesOf(chunk, i);
      number = this.#numberIn(numbers, file.names, series);
      if (number >= 0) this.#writers[number]!.add(writer);
    }
    for (let f = 0; f < fresh.length; f += 2) {
      for (let i = fresh[f]!; i < fresh[f + 1]!; i++) {
        number = this.#numberIn(numbers, file.names, seriesOf(chunk, i));
        if (number >= 0) table.add(number, stepOf(chunk, i), chunk.values[i]!, timeOf(chunk, i));
      }
    }
  }

  /** By name. */
  result(which: "logged" | "system"): Map<string, { summary: Summary; writers: string[] }> {
    const found = new Map<string, { summary: Summary; writers: string[] }>();
    this.#names.list.forEach((name, number) => {
      if (isSystemName(name) !== (which === "system")) return;
      const summary = this.#strong.get(number) ?? this.#weak.get(number);
      if (summary) found.set(metricName(name), { summary, writers: [...this.#writers[number]!].sort() });
    });
    return found;
  }

  #numbersOf(names: readonly string[]): number[] {
    const known = this.#numbers.get(names) ?? [];
    this.#numbers.set(names, known);
    return known;
  }

  #numberIn(numbers: number[], names: readonly string[], series: number): number {
    const known = numbers[series];
    if (known !== undefined) return known;
    const name = names[series];
    // Its definition is damaged.
    if (name === undefined) return -1;
    const number = this.#number(name);
    numbers[series] = number;
    return number;
  }

  #number(name: string): number {
    const number = this.#names.numberOf(name);
    this.#writers[number] ??= new Set();
    return number;
  }
}

/** As the fields of a run's record name the writers of summaries. */
function writerName(writer: string, weak: boolean): string {
  return weak ? `weak-${writer}` : writer;
}
