/** One event of a stream, as vLLM writes it. */
export const chunk = (delta: object, finish_reason: string | null = null): object => ({
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  created: 1,
  model: "lab/tiny",
  choices: [{ index: 0, delta, finish_reason }],
});
