/** The agent's own defaults for a vLLM server and its models. Free of zod, so that a streaming program can read them cheaply. */
export const DEFAULTS = {
  /** Provider id in `models.providers` and in model refs (`vllm/<model-id>`). */
  providerId: "vllm",
  /** Where `vllm serve` listens when nothing is said. */
  baseUrl: "http://127.0.0.1:8000/v1",
  /** The wire protocol the agents call vLLM's chat route. */
  api: "openai-completions",
  /** Opts in to discovery and holds the key; any value works for a server without one. */
  apiKeyVariable: "VLLM_API_KEY",
  /** Base URL, read by these packages (the agents do not read it). */
  baseUrlVariable: "VLLM_BASE_URL",
  /** Tokens; what the agent assumes for a discovered model. Discovery replaces it by the server's `max_model_len`. */
  contextWindow: 128_000,
  /** Tokens; the agent's default limit for one answer. */
  maxTokens: 8192,
  /** A model on one's own GPU costs nothing per token. */
  cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
  input: ["text"],
  reasoning: false,
} as const;
