/** An object is missing or is not what its id says. */
export class DamagedObject extends Error {
  constructor(
    readonly objectId: string,
    readonly problem: string,
  ) {
    super(`object ${objectId} ${problem}`);
  }
}
