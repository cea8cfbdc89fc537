/** A content cut into pieces: how many bytes of it each piece makes up. */
export interface Contents {
  readonly bytes: number;
  readonly pieces: ReadonlyMap<string, number>;
}

/** A piece is a line, or so many bytes of one. */
const LONGEST = 64;

/** Cuts a content as git does to compare contents: at line feeds, and every 64 bytes. */
export function contentsOf(body: Buffer): Contents {
  const pieces = new Map<string, number>();
  const text = isText(body);
  for (let at = 0; at < body.length; ) {
    const feed = body.indexOf(10, at);
    const end = Math.min(feed < 0 ? body.length : feed + 1, at + LONGEST, body.length);
    // In a text the two ways to end a line are one.
    const crlf = text && end - at >= 2 && body[end - 1] === 10 && body[end - 2] === 13;
    const piece = crlf ? `${body.toString("latin1", at, end - 2)}\n` : body.toString("latin1", at, end);
    pieces.set(piece, (pieces.get(piece) ?? 0) + piece.length);
    at = end;
  }
  return { bytes: body.length, pieces };
}

/** Compares contents with many others at once, in the time of what they have in common. */
export class Likeness {
  readonly #sources: readonly (Contents | undefined)[];
  readonly #holders = new Map<string, { readonly at: number; readonly bytes: number }[]>();

  constructor(sources: readonly (Contents | undefined)[]) {
    this.#sources = sources;
    sources.forEach((source, at) => {
      for (const [piece, bytes] of source?.pieces ?? []) {
        const holder = { at, bytes };
        const list = this.#holders.get(piece);
        if (list) list.push(holder);
        else this.#holders.set(piece, [holder]);
      }
    });
  }

  /** For each source that has something in common with the target: the share of the larger one that it is, from 0 to 1. */
  scores(target: Contents): Map<number, number> {
    const common = new Map<number, number>();
    for (const [piece, bytes] of target.pieces) {
      for (const holder of this.#holders.get(piece) ?? []) {
        common.set(holder.at, (common.get(holder.at) ?? 0) + Math.min(bytes, holder.bytes));
      }
    }
    const scores = new Map<number, number>();
    for (const [at, bytes] of [...common].sort(([a], [b]) => a - b)) {
      const most = Math.max(target.bytes, this.#sources[at]?.bytes ?? 0);
      scores.set(at, bytes / most);
    }
    return scores;
  }
}

/** As git tells: no zero byte near the beginning. */
function isText(body: Buffer): boolean {
  const zero = body.indexOf(0);
  return zero < 0 || zero >= 8_000;
}
