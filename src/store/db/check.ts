import { join } from "node:path";
import { type DatmoError, errors, isDatmoError } from "../../protocol/errors.ts";
import type { StoreProblem } from "../../services/ports/records.ts";
import { FORMAT_VERSION } from "../../util/frame.ts";
import { errorCode, type Files } from "./files.ts";
import { Image } from "./image.ts";
import { JournalReader, type Vector } from "./journal.ts";
import { collectedGeneration, parseLayout, parseSegmentFile, snapshotFile } from "./layout.ts";
import { ProblemLog, reasonOf, reportDamage } from "./problems.ts";
import { listSnapshots } from "./snapshots.ts";

/**
 * Reads every snapshot and segment from the first byte to the last and tells what is wrong; changes nothing.
 * Engines may go on writing meanwhile.
 */
export async function checkStore(files: Files, directory: string): Promise<readonly StoreProblem[]> {
  const problems = new ProblemLog();
  checkLayout(files, directory, problems);
  const snapshots = await checkSnapshots(files, directory, problems);
  checkSegments(files, directory, snapshots, problems);
  return problems.list;
}

function checkLayout(files: Files, directory: string, problems: ProblemLog): void {
  try {
    parseLayout(files.readFileSync(join(directory, "format")).toString("utf8"));
  } catch (error) {
    if (isDatmoError(error)) problems.add(error);
    else problems.add(errors.PROJECT_DAMAGED({ reason: `format: ${reasonOf(error)}` }));
  }
}

/** Numbers of the good ones, and where the newest of them says that each writer's segments must go on. */
interface CheckedSnapshots {
  readonly newest: number;
  readonly vector: ReadonlyMap<string, number>;
}

async function checkSnapshots(
  files: Files,
  directory: string,
  problems: ProblemLog,
): Promise<CheckedSnapshots> {
  let newest = 0;
  let vector = new Map<string, number>();
  const bad: DatmoError[] = [];
  for (const number of listSnapshots(files, directory)) {
    const file = `snap/${snapshotFile(number)}`;
    const image = await openSound(files, join(directory, file));
    if (image === "bad") bad.push(errors.SNAPSHOT_BAD({ file }));
    else if (image !== "gone" && newest === 0) {
      newest = number;
      vector = new Map(Object.entries(image.vector).map(([writer, [segment]]) => [writer, segment]));
    }
  }
  for (const error of bad) problems.add(error);
  return { newest, vector };
}

/** The state of a snapshot that is sound down to its last page. */
async function openSound(files: Files, path: string): Promise<"bad" | "gone" | Image["state"]> {
  try {
    const image = await Image.open(files.readFile(path));
    const wrong = image.integrity();
    image.close();
    return wrong.length === 0 ? image.state : "bad";
  } catch (error) {
    return errorCode(error) === "ENOENT" ? "gone" : "bad";
  }
}

function checkSegments(
  files: Files,
  directory: string,
  snapshots: CheckedSnapshots,
  problems: ProblemLog,
): void {
  const folder = join(directory, "seg");
  const names = files.namesSync(folder);
  const collected = collectedGeneration(names);
  if (collected > snapshots.newest) {
    problems.add(errors.JOURNAL_GAP({ file: `snap/${snapshotFile(collected)}` }));
  }
  const reader = new JournalReader(files, directory, startingPoints(names, snapshots.vector));
  const steps = reader.pass();
  let step = steps.next();
  while (!step.done) step = steps.next();
  const { missing, newer } = step.value;
  if (newer !== undefined) problems.add(errors.FORMAT_NEWER({ found: newer, known: FORMAT_VERSION }));
  for (const file of missing) problems.add(errors.JOURNAL_GAP({ file: `seg/${file}` }));
  reportDamage(problems, reader.damage.values());
}

/** Each writer's first segment that must be there: up to the newest snapshot's place, earlier ones may be removed. */
function startingPoints(names: readonly string[], held: ReadonlyMap<string, number>): Vector {
  const points: Vector = new Map();
  for (const [writer, segment] of held) points.set(writer, { segment, offset: 0, sequence: 0 });
  for (const name of names) {
    const segment = parseSegmentFile(name);
    const point = segment && points.get(segment.writer);
    if (!point || segment.number >= point.segment) continue;
    points.set(segment.writer, { segment: segment.number, offset: 0, sequence: 0 });
  }
  return points;
}
