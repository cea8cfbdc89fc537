/** A stretch of what a container printed: 1 is its standard output, 2 its standard error. */
export interface Piece {
  readonly stream: 1 | 2;
  readonly data: Buffer;
}

const HEADER_BYTES = 8;

/**
 * Takes apart what an engine sends of a container without a terminal: frames of a stream's number, three zeros, a
 * length and the bytes. Pieces are passed on as they come, cut where the network cut them: nothing is copied.
 */
export function createDemux(): (chunk: Buffer) => Piece[] {
  let header = Buffer.alloc(0);
  let left = 0;
  let stream: 1 | 2 = 1;
  return (chunk) => {
    const pieces: Piece[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (left === 0) {
        const missing = HEADER_BYTES - header.length;
        header = Buffer.concat([header, chunk.subarray(at, at + missing)]);
        at += Math.min(missing, chunk.length - at);
        if (header.length < HEADER_BYTES) break;
        stream = header[0] === 2 ? 2 : 1;
        left = header.readUInt32BE(4);
        header = Buffer.alloc(0);
        continue;
      }
      const data = chunk.subarray(at, at + left);
      at += data.length;
      left -= data.length;
      pieces.push({ stream, data });
    }
    return pieces;
  };
}
