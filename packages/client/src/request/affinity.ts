/** How a conversation is named to routers whose rules differ from {@link ChatParams.affinity | a plain name}'s. */
export interface AffinityOptions {
  /** The conversation's name: the same with each of its requests, and no other conversation's. */
  id: string;
  /**
   * The request headers that hold it. Default `["x-session-id"]`, which vllm-router, nginx, haproxy and LiteLLM are set up to read;
   * production-stack reads the one of its `--session-key`, Dynamo `x-dynamo-session-id`.
   */
  headerNames?: readonly string[] | undefined;
  /**
   * Response headers by which a router marks a conversation, such as llm-d's `x-session-token`: what the last answer of this
   * conversation had there is sent back with the next request. The client remembers them for the last 1,000 conversations.
   */
  echo?: readonly string[] | undefined;
}

/** The name of a conversation, for routers that send all its requests to one server. */
export type Affinity = string | AffinityOptions;

/** What of a conversation's response headers goes back to the router. */
export interface EchoRequest {
  id: string;
  /** In lower case. */
  names: readonly string[];
}

const DEFAULT_NAMES = ["x-session-id"];

/**
 * For requests that another client sends: the headers by which a router keeps a conversation on one server. LiteLLM takes only values of eight or more letters,
 * digits, `_` and `-`; a name of another form is written in them, each name in its own way.
 */
export function toAffinityHeaders(affinity: Affinity | undefined): Record<string, string> {
  const { id, headerNames = DEFAULT_NAMES } = toOptions(affinity);
  if (id === "") return {};
  const isFit = /^[A-Za-z0-9_-]{8,}$/.test(id) && !id.startsWith("session-");
  const value = isFit ? id : `session-${toHexadecimal(id)}`;
  return Object.fromEntries(headerNames.map((name) => [name.toLowerCase(), value]));
}

export function toEchoRequest(affinity: Affinity | undefined): EchoRequest | undefined {
  const { id, echo = [] } = toOptions(affinity);
  return id === "" || echo.length === 0 ? undefined : { id, names: echo.map((name) => name.toLowerCase()) };
}

function toOptions(affinity: Affinity | undefined): AffinityOptions {
  return typeof affinity === "object" ? affinity : { id: affinity ?? "" };
}

function toHexadecimal(text: string): string {
  return [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
