import { deflateRawSync } from "node:zlib";
import { borrow, giveBack } from "./scratch.ts";

/*
 * Columns of float64 as bytes that deflate well: as 64-bit words, differences of an order (what a straight
 * line or a smooth curve leaves of itself is near zero), the sign folded into the lowest bit, and the eight
 * bytes of the words in eight planes. Exact for every value.
 */

/** How a column was turned into words. */
export interface ColumnForm {
  /** 0: the bits of the float64; 1: whole numbers, the value times a power of ten. */
  readonly kind: 0 | 1;
  /** How often differences were taken. */
  readonly order: number;
  /** Exponent of the power of ten, kind 1. */
  readonly scale: number;
}

/** The form that makes the column smallest, tried out on a part of it. */
export function chooseForm(values: Float64Array): ColumnForm {
  const scale = wholeScale(values);
  const kind = scale === undefined ? 0 : 1;
  const orders = kind === 0 ? [0, 1, 2, 3] : [0, 1, 2];
  const start = Math.max(0, (values.length - SAMPLE) >> 1);
  const sample = values.slice(start, start + SAMPLE);
  const forms = orders.map((order): ColumnForm => ({ kind, order, scale: scale ?? 0 }));
  let best = forms[0]!;
  let bestBytes = Number.POSITIVE_INFINITY;
  for (const form of forms) {
    const planes = new Uint8Array(sample.length * 8);
    encodeColumn(sample, form, planes);
    const bytes = deflateRawSync(planes, FOR_A_SAMPLE).length;
    if (bytes < bestBytes) [best, bestBytes] = [form, bytes];
  }
  return best;
}

/** Writes the planes of a column into `planes`, 8 bytes a value. */
export function encodeColumn(values: Float64Array, form: ColumnForm, planes: Uint8Array): void {
  const n = values.length;
  const memory = borrow(n * 8);
  const low = new Uint32Array(memory.buffer, 0, n);
  const high = new Uint32Array(memory.buffer, n * 4, n);
  toWords(values, form, low, high);
  for (let order = 0; order < form.order; order++) difference(low, high);
  foldSign(low, high);
  for (let i = 0; i < n; i++) {
    const [l, h] = [low[i]!, high[i]!];
    planes[i] = l;
    planes[n + i] = l >>> 8;
    planes[2 * n + i] = l >>> 16;
    planes[3 * n + i] = l >>> 24;
    planes[4 * n + i] = h;
    planes[5 * n + i] = h >>> 8;
    planes[6 * n + i] = h >>> 16;
    planes[7 * n + i] = h >>> 24;
  }
  giveBack(memory);
}

/** Fills `values` with the column behind planes. One loop: this is what reading sealed series costs. */
export function decodeColumn(planes: Uint8Array, form: ColumnForm, values: Float64Array): void {
  const { kind, order, scale } = form;
  const n = values.length;
  const words = new Uint32Array(values.buffer, values.byteOffset, n * 2);
  const power = 10 ** scale;
  const [p1, p2, p3, p4, p5, p6, p7] = [n, 2 * n, 3 * n, 4 * n, 5 * n, 6 * n, 7 * n];
  // Most columns leave little of themselves: behind the first words the upper planes are empty.
  const wide = [p4, p5, p6, p7].every((plane) => isZero(planes, plane + order, plane + n)) ? order : n;
  // Running sums of the differences of each order.
  let [l1, h1, l2, h2, l3, h3] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    let l = planes[i]! | (planes[p1 + i]! << 8) | (planes[p2 + i]! << 16) | (planes[p3 + i]! << 24);
    let h = 0;
    if (i < wide) {
      h = planes[p4 + i]! | (planes[p5 + i]! << 8) | (planes[p6 + i]! << 16) | (planes[p7 + i]! << 24);
    }
    const sign = -(l & 1);
    l = ((l >>> 1) | (h << 31)) ^ sign;
    h = (h >>> 1) ^ sign;
    if (order > 0) {
      l1 = (l1 + l) | 0;
      h1 = (h1 + h + carry(l1, l)) | 0;
      l = l1;
      h = h1;
    }
    if (order > 1) {
      l2 = (l2 + l) | 0;
      h2 = (h2 + h + carry(l2, l)) | 0;
      l = l2;
      h = h2;
    }
    if (order > 2) {
      l3 = (l3 + l) | 0;
      h3 = (h3 + h + carry(l3, l)) | 0;
      l = l3;
      h = h3;
    }
    if (kind === 0) {
      words[i * 2] = l;
      words[i * 2 + 1] = h;
    } else {
      values[i] = scale === 0 ? h * WORD + (l >>> 0) : (h * WORD + (l >>> 0)) / power;
    }
  }
}

const SAMPLE = 512;
/** As much memory as a sample needs: zlib would take 270 kB for each try. */
const FOR_A_SAMPLE = { level: 1, windowBits: 12, memLevel: 6, chunkSize: 8192 } as const;
const HIGHEST_SCALE = 9;
const WORD = 0x100000000;

/** The least power of ten that makes whole numbers of all values, exactly; undefined when none does. */
function wholeScale(values: Float64Array): number | undefined {
  let scale = 0;
  for (let i = 0; i < values.length; i++) {
    while (!isWhole(values[i]!, scale)) if (++scale > HIGHEST_SCALE) return undefined;
  }
  // A later value may have raised the power: the earlier ones must bear it too.
  return values.every((value) => isWhole(value, scale)) ? scale : undefined;
}

function isWhole(value: number, scale: number): boolean {
  const power = 10 ** scale;
  const whole = Math.round(value * power);
  return (
    Math.abs(whole) <= Number.MAX_SAFE_INTEGER && Object.is(whole / power, value) && !Object.is(value, -0)
  );
}

function toWords(values: Float64Array, form: ColumnForm, low: Uint32Array, high: Uint32Array): void {
  const n = values.length;
  if (form.kind === 0) {
    const words = new Uint32Array(values.buffer, values.byteOffset, n * 2);
    for (let i = 0; i < n; i++) {
      low[i] = words[i * 2]!;
      high[i] = words[i * 2 + 1]!;
    }
    return;
  }
  const power = 10 ** form.scale;
  for (let i = 0; i < n; i++) {
    const whole = Math.round(values[i]! * power);
    const top = Math.floor(whole / WORD);
    high[i] = top;
    low[i] = whole - top * WORD;
  }
}

/** What a sum of two low words carried over, `b` being one of the two. */
function carry(sum: number, b: number): number {
  return sum >>> 0 < b >>> 0 ? 1 : 0;
}

function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] !== 0) return false;
  return true;
}

/** Every word becomes its distance from the one before it. */
function difference(low: Uint32Array, high: Uint32Array): void {
  for (let i = low.length - 1; i > 0; i--) {
    const borrow = low[i]! < low[i - 1]! ? 1 : 0;
    low[i] = low[i]! - low[i - 1]!;
    high[i] = high[i]! - high[i - 1]! - borrow;
  }
}

/** Signed to unsigned with the sign in the lowest bit: small distances either way have empty high bytes. */
function foldSign(low: Uint32Array, high: Uint32Array): void {
  for (let i = 0; i < low.length; i++) {
    const [l, h] = [low[i]!, high[i]!];
    const sign = (h | 0) >> 31;
    low[i] = (l << 1) ^ sign;
    high[i] = ((h << 1) | (l >>> 31)) ^ sign;
  }
}
