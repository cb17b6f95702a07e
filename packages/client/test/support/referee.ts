/**
 * What a recorded stream says, read the simplest way there is, without any of the code under test: for bytes of real vLLM only
 * (LF, one `data:` line an event).
 */
export interface Answer {
  text: string;
  thinking: string;
  calls: { id: string; name: string; argumentsText: string }[];
  finishReason: string | undefined;
}

interface Delta {
  content?: string | null;
  reasoning?: string | null;
  reasoning_content?: string | null;
  tool_calls?: { index: number; id?: string | null; function?: { name?: string | null; arguments?: string | null } }[];
}
export interface Chunk {
  id?: string;
  choices?: { index: number; delta?: Delta; finish_reason?: string | null }[];
  usage?: Record<string, unknown> | null;
  error?: unknown;
}

export function readChunks(body: Uint8Array): Chunk[] {
  return new TextDecoder()
    .decode(body)
    .split("\n\n")
    .filter((event) => event.startsWith("data: ") && event !== "data: [DONE]")
    .map((event) => JSON.parse(event.slice(6)) as Chunk);
}

export function readAnswers(chunks: readonly Chunk[]): Map<number, Answer> {
  const answers = new Map<number, Answer>();
  for (const choice of chunks.flatMap((chunk) => chunk.choices ?? [])) {
    const answer = answers.get(choice.index) ?? { text: "", thinking: "", calls: [], finishReason: undefined };
    answers.set(choice.index, answer);
    const { content, reasoning, reasoning_content: older, tool_calls: calls } = choice.delta ?? {};
    answer.text += content ?? "";
    answer.thinking += reasoning ?? older ?? "";
    for (const { index, id, function: called } of calls ?? []) {
      const call = (answer.calls[index] ??= { id: "", name: "", argumentsText: "" });
      call.id ||= id ?? "";
      call.name ||= called?.name ?? "";
      call.argumentsText += called?.arguments ?? "";
    }
    answer.finishReason = choice.finish_reason ?? answer.finishReason;
  }
  return answers;
}
