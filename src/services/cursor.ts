import { errors } from "../protocol/errors.ts";
import type { JsonObject } from "../util/json.ts";

/** A place in a list, opaque to clients. */
export function sealCursor(place: JsonObject): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

/** The place behind a cursor. Throws INVALID_PARAMS for one that was not made here. */
export function openCursor(cursor: string): JsonObject {
  try {
    const place = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")) as unknown;
    if (typeof place === "object" && place !== null && !Array.isArray(place)) return place as JsonObject;
  } catch {
    // Told below.
  }
  const problems = [{ path: "/cursor", message: "is not a cursor of this list" }];
  throw errors.INVALID_PARAMS({ summary: "The cursor is not one of this list.", problems });
}
