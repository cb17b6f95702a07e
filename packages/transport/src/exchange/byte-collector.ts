import type { ByteBlock, Bytes } from "./byte-block.ts";

/**
 * Joins bytes that come in pieces. A list of the pieces would do for a few; but a server may send one byte at a time, and each
 * array costs two hundred bytes of its own.
 */
export class ByteCollector {
  length = 0;
  private bytes = new Uint8Array(0);

  append(block: ByteBlock, start: number, end: number): void {
    const length = this.length + end - start;
    if (length > this.bytes.length) {
      const grown = new Uint8Array(Math.max(length, this.length * 2));
      grown.set(this.joined());
      this.bytes = grown;
    }
    this.bytes.set(block.bytes.subarray(start, end), this.length);
    this.length = length;
  }

  /** Everything so far. Good until the next `append`. */
  joined(): Bytes {
    return this.bytes.subarray(0, this.length);
  }
}
