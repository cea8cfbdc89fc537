/** Fields below this prefix belong to one copy of the project: they never leave it, and never come in. */
export const LOCAL_PREFIX = "local/";
/** Where a record came from. */
export const FROM_FIELD = "local/from";
/** What was looked at and trusted. */
export const TRUSTED_FIELD = "local/trusted";

export function isLocalField(path: string): boolean {
  return path === "local" || path.startsWith(LOCAL_PREFIX);
}
