/** One chunk of an answer that is made up: as much of it as the client must have. */
export function chunk(delta: object, finishReason: string | null = null): object {
  return { id: "chatcmpl-1", model: "lab/tiny", choices: [{ index: 0, delta, finish_reason: finishReason }] };
}
