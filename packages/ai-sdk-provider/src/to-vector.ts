import { InvalidResponseDataError } from "@ai-sdk/provider";

/** An embedding as numbers: vLLM sends 32-bit floats, lowest byte first, in base64; servers that do not know that form send the numbers. */
export function toVector(embedding: unknown): number[] {
  if (typeof embedding === "string") {
    const bytes = Uint8Array.from(atob(embedding), (character) => character.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    return Array.from({ length: bytes.length / 4 }, (_, index) => view.getFloat32(index * 4, true));
  }
  if (Array.isArray(embedding) && embedding.every((value) => typeof value === "number")) return embedding;
  throw new InvalidResponseDataError({
    data: typeof embedding,
    message: "The server sent an embedding that is neither a list of numbers nor base64.",
  });
}
