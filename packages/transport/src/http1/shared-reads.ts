/** Whoever gets what a connection has read. */
export interface SocketReader {
  /**
   * The first `length` bytes of the buffer were read. The next read, of any connection, writes over them, so they are used at once
   * or copied.
   */
  onRead(buffer: Buffer, length: number): void;
}

/** As much as Node reads at once. */
const READ_BYTES = 65_536;
let shared: Buffer | undefined;

/**
 * The option of `net.connect` and `tls.connect` by which all connections read into one buffer. Otherwise Node makes a buffer of
 * 64 KB for every read, cuts it to size and passes it through a stream: with one event in a read that is a good part of the event's
 * cost, and most of a stream's garbage.
 */
export function shareReads(reader: SocketReader): {
  onread: { buffer: Buffer; callback: (length: number, buffer: Uint8Array) => boolean };
} {
  shared ??= Buffer.allocUnsafeSlow(READ_BYTES);
  return {
    onread: {
      buffer: shared,
      callback(length, buffer) {
        reader.onRead(buffer as Buffer, length);
        return true;
      },
    },
  };
}
