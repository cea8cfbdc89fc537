import { hash } from "node:crypto";
import type { RecordState } from "../../domain/merge.ts";
import type {
  LaterOperations,
  RecordSharing,
  SharedChange,
  SharedTransaction,
} from "../../services/ports/records.ts";
import { encodeShared, type ForeignOperation } from "./payload.ts";
import type { Layers } from "./queries.ts";
import { decodeState, encodeStamps } from "./record-row.ts";

export interface SharingParts {
  /** Everything committed so far, with the operations of later versions that no snapshot holds yet. */
  read(): Promise<Layers & { readonly later: readonly ForeignOperation[] }>;
  /** Throws what keeps this engine from writing. */
  assertWritable(changes: readonly SharedChange[]): void;
  /** Resolves once the payload is durable; `subject` is what a failure is told of. */
  append(payload: Buffer, subject: SharedChange): Promise<void>;
}

/** The records' side of sharing: with stamps out, with the same stamps in. */
export function createRecordSharing(parts: SharingParts): RecordSharing {
  return {
    async prints() {
      const { image, overlay } = await parts.read();
      const found: { kind: string; id: string; print: string }[] = [];
      for (const { kind, id, stamps } of image?.stampTexts() ?? []) {
        if (!overlay.get(kind, id)) found.push({ kind, id, print: printOf(stamps) });
      }
      for (const { kind, id, record } of overlay.all()) {
        found.push({ kind, id, print: printOf(encodeStamps(record)) });
      }
      return found;
    },
    async state(kind, id) {
      return stateOf(await parts.read(), kind, id);
    },
    async laterOperations() {
      const { image, later } = await parts.read();
      return byStamp([...(image?.foreignOperations() ?? []), ...later]);
    },
    async merge(transactions, later = []) {
      parts.assertWritable(transactions.flatMap(({ changes }) => changes));
      const payloads = [...transactions.map(transactionPayload), ...later.map(laterPayload)];
      // So many at a time that they go out in few writes, and no more than that in memory.
      for (let i = 0; i < payloads.length; i += AT_ONCE) {
        const some = payloads.slice(i, i + AT_ONCE);
        await Promise.all(some.map(({ payload, subject }) => parts.append(payload(), subject)));
      }
    },
  };
}

const AT_ONCE = 500;
const PAYLOAD_POSITION = -1;

function stateOf({ image, overlay }: Layers, kind: string, id: string): RecordState | undefined {
  const changed = overlay.get(kind, id)?.record;
  // A copy: the overlay's own goes on changing.
  if (changed) return { ...changed, values: new Map(changed.values), stamps: new Map(changed.stamps) };
  const found = image?.get(kind, id);
  return found && decodeState(found.row.doc, found.stamps);
}

/** Long enough that two of them are never equal by chance. */
function printOf(stamps: string): string {
  return hash("sha1", stamps, "base64").slice(0, 16);
}

/** Operations of one transaction belong together: their places in it tell them apart. */
function byStamp(operations: readonly ForeignOperation[]): LaterOperations[] {
  const payloads = new Map<string, LaterOperations>();
  const single = new Map<string, Map<number, string>>();
  for (const { stamp, position, raw } of operations) {
    if (position === PAYLOAD_POSITION) payloads.set(stamp, { stamp, operations: [raw], isPayload: true });
    else single.set(stamp, (single.get(stamp) ?? new Map<number, string>()).set(position, raw));
  }
  const joined = [...single].map(([stamp, places]) => ({
    stamp,
    operations: [...places].sort(([a], [b]) => a - b).map(([, raw]) => raw),
    isPayload: false,
  }));
  return [...payloads.values(), ...joined].sort((a, b) => (a.stamp < b.stamp ? -1 : 1));
}

interface Payload {
  readonly payload: () => Buffer;
  readonly subject: SharedChange;
}

function transactionPayload({ stamp, changes }: SharedTransaction): Payload {
  const operations = changes.map(({ kind, id, set }) => JSON.stringify({ k: kind, i: id, s: set }));
  return { payload: () => encodeShared(stamp, operations), subject: changes[0] ?? NOTHING };
}

function laterPayload({ stamp, operations, isPayload }: LaterOperations): Payload {
  const payload = (): Buffer =>
    isPayload ? Buffer.from(operations[0] ?? "") : encodeShared(stamp, operations);
  return { payload, subject: NOTHING };
}

const NOTHING: SharedChange = { kind: "operations", id: "of a later datmo", set: {} };
