/** More arguments than this overflow the stack of some engines. */
const PIECE = 0x80_00;

/** Bytes, or a text that is base64 already. */
export function toBase64(data: Uint8Array | string): string {
  if (typeof data === "string") return data;
  let binary = "";
  for (let start = 0; start < data.length; start += PIECE) {
    binary += String.fromCharCode(...data.subarray(start, start + PIECE));
  }
  return btoa(binary);
}

/** The bytes of a base64 text, or the bytes that are there. */
export function toBytes(data: Uint8Array | string): Uint8Array {
  return typeof data === "string" ? Uint8Array.from(atob(data), (character) => character.charCodeAt(0)) : data;
}
