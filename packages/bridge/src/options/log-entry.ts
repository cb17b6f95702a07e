/** One request, when it is over. Holds no prompt, no answer, no header and no key. */
export interface BridgeLogEntry {
  /** Milliseconds since 1970 at which the request came in. */
  at: number;
  method: string;
  /** Without the query. */
  path: string;
  /** HTTP status toward the client. 0: the client left before there was one. */
  status: number;
  durationMs: number;
  model?: string | undefined;
  isStreamed?: boolean | undefined;
  /** From the request to the first text or reasoning. */
  firstTokenMs?: number | undefined;
  promptTokens?: number | undefined;
  completionTokens?: number | undefined;
  /** Of the prompt tokens, those from vLLM's prefix cache; undefined where the server does not report it. */
  cachedTokens?: number | undefined;
  /** True for a request that offers tools and holds no answer yet: its prompt is the agent's own. */
  isOpening?: boolean | undefined;
  /** Broken tool calls that vLLM was asked for again. */
  retriedCalls?: number | undefined;
  /** Tool calls that were repaired, or found in the text. */
  repairedCalls?: number | undefined;
  /** How often vLLM was asked; more than 1 after a broken call or a refusal that another form gets past. */
  attempts?: number | undefined;
  /** What was changed on the way, or would have been (`dryRun`). */
  changes: string[];
  /** `ok`, `client left`, or the code of the error. */
  ending: string;
}

/** The entry as one line. */
export function formatLogEntry(entry: BridgeLogEntry): string {
  const { model, firstTokenMs, promptTokens, completionTokens, attempts = 1, changes } = entry;
  const parts = [
    new Date(entry.at).toISOString(),
    `${entry.method} ${printable(entry.path)}`,
    String(entry.status),
    model === undefined ? undefined : printable(model),
    firstTokenMs === undefined ? undefined : `first token ${Math.round(firstTokenMs)} ms`,
    `${Math.round(entry.durationMs)} ms`,
    promptTokens === undefined ? undefined : `${promptTokens}+${completionTokens ?? 0} tokens`,
    attempts > 1 ? `asked ${attempts} times` : undefined,
    changes.length === 0 ? undefined : `changed: ${changes.map(printable).join("; ")}`,
    entry.ending,
  ];
  return parts.filter((part) => part !== undefined).join(" · ");
}

/** Names come from outside: control characters in them must not reach a terminal. */
function printable(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "?").slice(0, 300);
}
