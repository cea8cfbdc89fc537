/** An object is missing or is not what its id says. */
export class DamagedObject extends Error {
  constructor(
    readonly objectId: string,
    readonly problem: string,
  ) {
    // A reference is called by its name.
    super(`${/^[0-9a-f]{40,64}$/.test(objectId) ? "object " : ""}${objectId} ${problem}`);
  }
}
