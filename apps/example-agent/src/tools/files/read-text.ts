import type { Folder } from "./folder.ts";

/** A file's beginning. `text` is absent for a file that holds no text. */
export interface FileText {
  text?: string | undefined;
  /** Of the whole file, in bytes. */
  size: number;
  /** False when the file goes on after `maxBytes`. */
  isWhole: boolean;
}

/**
 * Reads up to `maxBytes` of a regular file of the folder.
 *
 * @returns undefined for anything that is not a regular file (folder, pipe, device, socket).
 */
export async function readText(folder: Folder, realPath: string, maxBytes: number): Promise<FileText | undefined> {
  const file = await folder.open(realPath);
  try {
    const status = await file.stat();
    if (!status.isFile()) return undefined;
    const buffer = Buffer.alloc(Math.min(status.size, maxBytes));
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    const bytes = buffer.subarray(0, length);
    return { text: decode(bytes), size: status.size, isWhole: status.size <= maxBytes };
  } finally {
    await file.close();
  }
}

/** UTF-8 and UTF-16 with a mark are text; a NUL byte near the start says that it is not. */
function decode(bytes: Buffer): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes.subarray(0, 8192).includes(0)) return undefined;
  return new TextDecoder().decode(bytes);
}
