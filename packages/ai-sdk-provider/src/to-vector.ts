import { InvalidResponseDataError } from "@ai-sdk/provider";

/** An embedding as numbers: vLLM sends 32-bit floats, lowest byte first, in base64; servers that do not know that form send the numbers. */
export function toVector(embedding: unknown): number[] {
  if (typeof embedding === "string") return fromBase64(embedding);
  if (Array.isArray(embedding) && embedding.every((value) => typeof value === "number")) return embedding;
  throw unreadable(embedding);
}

function fromBase64(text: string): number[] {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    throw unreadable(text);
  }
  if (binary.length % 4 !== 0) throw unreadable(text);
  const view = new DataView(Uint8Array.from(binary, (character) => character.charCodeAt(0)).buffer);
  return Array.from({ length: binary.length / 4 }, (_, index) => view.getFloat32(index * 4, true));
}

function unreadable(embedding: unknown): InvalidResponseDataError {
  return new InvalidResponseDataError({
    data: typeof embedding,
    message: "The server sent an embedding that is neither a list of numbers nor 32-bit floats in base64.",
  });
}
