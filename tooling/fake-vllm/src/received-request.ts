/** A request as the fake saw it. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyText: string;
  /** The body as JSON; undefined when it is empty or not JSON. */
  readonly body: unknown;
  /** True once the client has gone away before the whole reply was sent. */
  aborted: boolean;
  /** True once the reply is over, in whatever way. */
  finished: boolean;
}

export function toReceivedRequest(parts: {
  method: string;
  path: string;
  headers: Record<string, string>;
  bodyText: string;
}): ReceivedRequest {
  return { ...parts, body: parseOrUndefined(parts.bodyText), aborted: false, finished: false };
}

/** What `/load` and `vllm:num_requests_running` count. */
export function isGeneration(request: ReceivedRequest): boolean {
  return request.method === "POST" && request.path.startsWith("/v1/") && !isDryRun(request);
}

/** A chat request of a probe, which vLLM checks to the end and refuses for its data-parallel rank: the engine never sees it. */
export function isDryRun({ headers }: ReceivedRequest): boolean {
  return Number(headers["x-data-parallel-rank"] ?? 0) > 0;
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
