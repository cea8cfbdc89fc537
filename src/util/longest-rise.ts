/** Places of a longest rising subsequence, in their order. */
export function longestRise(values: readonly number[]): number[] {
  const ends: number[] = [];
  const before = new Array<number>(values.length).fill(-1);
  values.forEach((value, at) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((values[ends[middle] ?? 0] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    before[at] = ends[low - 1] ?? -1;
    ends[low] = at;
  });
  const rise: number[] = [];
  for (let at = ends[ends.length - 1] ?? -1; at >= 0; at = before[at] ?? -1) rise.push(at);
  return rise.reverse();
}
