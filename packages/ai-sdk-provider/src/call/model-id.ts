/** The id of a model that is not named: the server's only one. */
const AUTO = "auto";

/** What a model of the AI SDK is called, and what the server is asked for. */
export function readModelId(given: string | undefined): { modelId: string; served: string | undefined } {
  const modelId = given ?? AUTO;
  return { modelId, served: modelId === AUTO ? undefined : modelId };
}
