/**
 * The header by which a router keeps a conversation on one server. LiteLLM takes only values of eight or more letters,
 * digits, `_` and `-`; a name of another form is written in them, each name in its own way.
 */
export function toAffinityHeaders(affinity: string | undefined): Record<string, string> {
  if (affinity === undefined || affinity === "") return {};
  const isFit = /^[A-Za-z0-9_-]{8,}$/.test(affinity) && !affinity.startsWith("session-");
  return { "x-session-id": isFit ? affinity : `session-${toHexadecimal(affinity)}` };
}

function toHexadecimal(text: string): string {
  return [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
