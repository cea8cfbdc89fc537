/** The result of `work`, or `tooLate` thrown when it takes longer. */
export async function timeLimit<T>(milliseconds: number, work: Promise<T>, tooLate: Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLate), milliseconds);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
