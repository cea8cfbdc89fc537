import { numbersOf } from "../nested-numbers.ts";
import type { ProtobufReader } from "../protobuf.ts";
import { pythonJson } from "../python-json.ts";

/** The key of an item of a record; keys come again and again, so each is made once. */
export interface ItemKey {
  readonly keys: readonly string[];
  /** With dots. */
  readonly name: string;
  /** What W&B writes for itself. */
  readonly isOwn: boolean;
}

export class ItemKeys {
  readonly #known = new Map<string, ItemKey>();

  /** `from` to `to`: the bytes of the fields that make up the key. */
  of(bytes: Buffer, from: number, to: number): ItemKey {
    const raw = bytes.toString("latin1", from, to);
    let key = this.#known.get(raw);
    if (!key) {
      key = readKey(bytes, from, to);
      this.#known.set(raw, key);
    }
    return key;
  }
}

/** Fields 1 (a key) or 2 (its parts), one after the other; their lengths are varints. */
function readKey(bytes: Buffer, from: number, to: number): ItemKey {
  const keys: string[] = [];
  let at = from;
  while (at < to) {
    at++;
    let [length, scale] = [0, 1];
    for (;;) {
      const byte = bytes[at++] as number;
      length += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
      scale *= 128;
    }
    keys.push(bytes.toString("utf8", at, at + length));
    at += length;
  }
  return { keys, name: keys.join("."), isOwn: (keys[0] ?? "").startsWith("_") };
}

/** A value as it was written: `number` when it is one, else the text of its JSON. */
export interface ItemValue {
  number: number | undefined;
  json: string | undefined;
}

/** Reads the item that `item` is at into `value`; its key. */
export function readItem(item: ProtobufReader, keys: ItemKeys, value: ItemValue): ItemKey {
  const from = item.at;
  let to = from;
  value.number = undefined;
  value.json = undefined;
  while (item.next()) {
    const { field, wire } = item;
    if ((field === 1 || field === 2) && wire === 2) {
      item.span();
      to = item.at;
    } else if ((field === 16 || field === 8) && wire === 2) readJson(item, value);
    else if (field === 4 && wire === 0) value.number = item.varint() === 0 ? 0 : 1;
    else if (field === 5 && wire === 0) value.number = item.zigzag();
    else if (field === 6 && wire === 1) value.number = item.double();
    else if (field === 7 && wire === 2) value.json = JSON.stringify(item.text());
    else item.skip();
  }
  return keys.of(item.bytes, from, to);
}

const [MINUS, ZERO, NINE, CAPITAL_I, CAPITAL_N] = [0x2d, 0x30, 0x39, 0x49, 0x4e];

function readJson(item: ProtobufReader, value: ItemValue): void {
  const start = item.span();
  const first = item.bytes[start] as number;
  const isNumber =
    (first >= ZERO && first <= NINE) || first === MINUS || first === CAPITAL_I || first === CAPITAL_N;
  if (!isNumber || item.at === start) {
    value.json = item.bytes.toString("utf8", start, item.at);
    if (value.json === "true") value.number = 1;
    else if (value.json === "false") value.number = 0;
    return;
  }
  const text = item.bytes.toString("latin1", start, item.at);
  const number = Number(text);
  if (!Number.isNaN(number) || text === "NaN") value.number = number;
  else value.json = text;
}

/** Every number in a value that is an object, by its keys; media and tables are none. */
export function numbersIn(json: string, name: string): [string, number][] {
  const value = json.startsWith("{") ? pythonJson(json) : undefined;
  return value === undefined ? [] : numbersOf(value, name);
}
