import { loadFixture } from "@vllm-tooling/fixtures";

interface Chunk {
  choices: { delta: { content?: string | null }; finish_reason?: string | null }[];
}

/** The content of a recorded stream, piece by piece as vLLM sent it. */
export function recordedDeltas(id: string): { deltas: string[]; finishReason: string | null } {
  const text = new TextDecoder().decode(loadFixture(id).response.body);
  const deltas: string[] = [];
  let finishReason: string | null = null;
  for (const line of text.split("\n")) {
    if (!line.startsWith("data: {")) continue;
    const chunk = JSON.parse(line.slice(6)) as Chunk;
    for (const choice of chunk.choices) {
      deltas.push(choice.delta.content ?? "");
      finishReason = choice.finish_reason ?? finishReason;
    }
  }
  return { deltas, finishReason };
}
