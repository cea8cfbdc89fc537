/*
 * BuildKit tells its progress as protobuf messages (moby.buildkit.v1.StatusResponse) in base64. Of these only what a
 * person wants to read is taken: vertices (1) with digest 1, name 3, started 5, completed 6, cached 4, error 7; logs
 * (3) with vertex 1 and the printed bytes 4.
 */

export interface Vertex {
  readonly digest: string;
  readonly name: string;
  readonly cached: boolean;
  readonly started: boolean;
  readonly completed: boolean;
  readonly error: string;
}

export interface VertexLog {
  readonly digest: string;
  readonly data: Buffer;
}

/** Decodes one message. Fields that are not known are skipped; what is cut off counts as absent. */
export function decodeStatus(base64: string): { vertices: Vertex[]; logs: VertexLog[] } {
  const vertices: Vertex[] = [];
  const logs: VertexLog[] = [];
  for (const { field, bytes } of fieldsOf(Buffer.from(base64, "base64"))) {
    if (!bytes) continue;
    if (field === 1) vertices.push(vertexOf(bytes));
    if (field === 3) logs.push(logOf(bytes));
  }
  return { vertices, logs };
}

interface Field {
  readonly field: number;
  readonly value?: number;
  readonly bytes?: Buffer;
}

function vertexOf(message: Buffer): Vertex {
  const fields = [...fieldsOf(message)];
  const text = (wanted: number): string =>
    fields.find(({ field }) => field === wanted)?.bytes?.toString("utf8") ?? "";
  const has = (wanted: number): boolean => fields.some(({ field }) => field === wanted);
  return {
    digest: text(1),
    name: text(3),
    cached: fields.some(({ field, value }) => field === 4 && value === 1),
    started: has(5),
    completed: has(6),
    error: text(7),
  };
}

function logOf(message: Buffer): VertexLog {
  const fields = [...fieldsOf(message)];
  return {
    digest: fields.find(({ field }) => field === 1)?.bytes?.toString("utf8") ?? "",
    data: fields.find(({ field }) => field === 4)?.bytes ?? Buffer.alloc(0),
  };
}

function* fieldsOf(message: Buffer): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; at < message.length; shift *= 128) {
      const byte = message[at++] ?? 0;
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < message.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    const wire = tag % 8;
    if (wire === 0) yield { field, value: varint() };
    else if (wire === 2) {
      const length = varint();
      yield { field, bytes: message.subarray(at, at + length) };
      at += length;
    } else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else return;
  }
}
