import { ByteStream } from "../byte-stream.ts";
import { maskedCrc } from "./crc32c.ts";

const HEADER = 12;
const FOOTER = 4;
/** More than any event has; a length beyond it is damage. */
const LONGEST = 1024 * 1024 * 1024;

/** The records of a TFRecord file, valid until the next one is asked for. What cannot be read is told. */
export function* tfRecords(path: string, problem: (text: string) => void): Generator<Buffer> {
  const stream = new ByteStream(path);
  try {
    for (let number = 1; ; number++) {
      const header = stream.take(HEADER);
      if (!header) {
        if (stream.rest > 0) problem("its last event was cut off");
        return;
      }
      const length = Number(header.readBigUInt64LE(0));
      if (maskedCrc(header.subarray(0, 8)) !== header.readUInt32LE(8) || length > LONGEST) {
        problem(`it is damaged from event ${number} on; what follows was left out`);
        return;
      }
      const record = stream.take(length + FOOTER);
      if (!record) {
        problem("its last event was cut off");
        return;
      }
      const data = record.subarray(0, length);
      if (maskedCrc(data) === record.readUInt32LE(length)) yield data;
      else problem(`event ${number} is damaged and was left out`);
    }
  } finally {
    stream.close();
  }
}
