import type { OpenProject } from "../project/open-project.ts";
import { readSettings } from "../project/project-settings.ts";

const DEFAULT_SECONDS = 10;
const LEAST_SECONDS = 1;
const MOST_SECONDS = 3_600;

type Variables = Readonly<Record<string, string | undefined>>;

/** False: the user wants nothing measured, whatever else is said. Costs nothing. */
export function isUsageWanted(variables: Variables): boolean {
  return !["0", "off", "no", "false"].includes((variables["DATMO_USAGE"] ?? "").trim().toLowerCase());
}

/**
 * Time between two measurements, milliseconds; undefined when nothing is to be measured. `DATMO_USAGE` (`off`, or
 * seconds) wins over the project's settings.
 */
export async function usageInterval(project: OpenProject, variables: Variables): Promise<number | undefined> {
  if (!isUsageWanted(variables)) return undefined;
  const asked = /^(\d+(?:\.\d+)?)\s*s?$/.exec((variables["DATMO_USAGE"] ?? "").trim())?.[1];
  const settings = await readSettings(project);
  if (asked === undefined && settings.usage === false) return undefined;
  const seconds = asked === undefined ? (settings.usageSeconds ?? DEFAULT_SECONDS) : Number(asked);
  return Math.min(MOST_SECONDS, Math.max(LEAST_SECONDS, seconds)) * 1_000;
}
