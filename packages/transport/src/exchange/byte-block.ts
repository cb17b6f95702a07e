/** Bytes of a buffer of their own, as `fetch` takes them; written so that TypeScript before 5.7 knows them, too. */
export type Bytes = Uint8Array & { readonly buffer: ArrayBuffer };

/**
 * Bytes as they arrived, seen through a string: character `i` stands for byte `i`.
 * Searching and comparing strings is several times faster than doing it on bytes.
 *
 * A block is good only while it is handed on: the next read may write over its bytes. What is kept is copied (`copyBytes`).
 */
export interface ByteBlock {
  /** The bytes of {@link latin1}, and perhaps others after them. */
  readonly bytes: Uint8Array;
  /** One character a byte. ASCII bytes are themselves; the others are some character ≥ 0x80, the same one for the same byte. */
  readonly latin1: string;
  /** The text of a range of bytes. What is not UTF-8 becomes U+FFFD. */
  utf8(start: number, end: number): string;
}

/** The methods behind `toString`, without its reading of arguments. They take any bytes, so none have to be made a `Buffer` first. */
interface BufferSlices {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
  utf8Slice(this: Uint8Array, start: number, end: number): string;
}

/** Node's own; what other runtimes and bundlers call so may lack what is not documented. */
const slices = globalThis.Buffer?.prototype as unknown as Partial<BufferSlices> | undefined;
const { latin1Slice, utf8Slice } = slices ?? {};

class BufferBlock implements ByteBlock {
  readonly bytes: Uint8Array;
  readonly latin1: string;

  constructor(bytes: Uint8Array, length: number) {
    this.bytes = bytes;
    this.latin1 = (latin1Slice as BufferSlices["latin1Slice"]).call(bytes, 0, length);
  }

  utf8(start: number, end: number): string {
    return (utf8Slice as BufferSlices["utf8Slice"]).call(this.bytes, start, end);
  }
}

const latin1Decoder = new TextDecoder("latin1");
// A byte order mark is only one at the start of the stream, where the event parser takes it away.
const utf8Decoder = new TextDecoder("utf-8", { ignoreBOM: true });

class ArrayBlock implements ByteBlock {
  readonly bytes: Uint8Array;
  readonly latin1: string;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.latin1 = latin1Decoder.decode(bytes);
  }

  utf8(start: number, end: number): string {
    return utf8Decoder.decode(this.bytes.subarray(start, end));
  }
}

/** @param length how many of the bytes belong to the block; all of them unless told otherwise */
export function createByteBlock(bytes: Uint8Array, length = bytes.length): ByteBlock {
  return latin1Slice === undefined || utf8Slice === undefined
    ? new ArrayBlock(bytes.subarray(0, length))
    : new BufferBlock(bytes, length);
}

/** A copy of a range of the block's bytes, for what is needed later. */
export function copyBytes(block: ByteBlock, start: number, end: number): Bytes {
  // A Buffer's own slice() is a view.
  return new Uint8Array(block.bytes.subarray(start, end));
}

/** The same without Node's `Buffer`, as other runtimes have to do it. */
export function createPortableByteBlock(bytes: Uint8Array): ByteBlock {
  return new ArrayBlock(bytes);
}
