import { errorFromNetwork } from "@vllm/schema/core";
import type { ChatAnswer } from "./ask-chat.ts";
import { askChat } from "./ask-chat.ts";
import type { MatrixVerdict } from "./matrix-case.ts";
import { MATRIX_CASES, MOST_TOKENS } from "./matrix-cases.ts";

/** Limit of one question, in ms: a model on a CPU is slow, and the last ones wait for the first. */
const QUESTION_TIMEOUT_MS = 120_000;

export interface MatrixRow extends MatrixVerdict {
  name: string;
  ms: number;
  /** What was sent, for a maintainer to send again. */
  request: Readonly<Record<string, unknown>>;
  /** What came back; of a long answer the beginning and the end. */
  response: string;
}

export interface Matrix {
  model: string;
  server: string;
  version: string | undefined;
  rows: MatrixRow[];
}

/** Asks a model one question for each thing that agents need, one after the other. */
export async function runMatrix(
  server: {
    apiRoot: string;
    version: string | undefined;
    apiKey?: string | undefined;
    headers?: Readonly<Record<string, string>> | undefined;
  },
  model: string,
  options: { signal: AbortSignal; fetch?: typeof fetch | undefined; onStep?: ((name: string) => void) | undefined },
): Promise<Matrix> {
  const rows: MatrixRow[] = [];
  for (const { name, request, judge } of MATRIX_CASES) {
    options.onStep?.(name);
    const start = performance.now();
    const body = { model, max_tokens: MOST_TOKENS, ...request };
    const signal = AbortSignal.any([options.signal, AbortSignal.timeout(QUESTION_TIMEOUT_MS)]);
    let answer: ChatAnswer | undefined;
    let verdict: MatrixVerdict;
    try {
      answer = await askChat(server, body, { signal, fetch: options.fetch });
      verdict = judge(answer);
    } catch (cause) {
      if (options.signal.aborted) throw cause;
      verdict = { outcome: "refused", evidence: errorFromNetwork(cause, { url: server.apiRoot }).message };
    }
    const ms = Math.round(performance.now() - start);
    rows.push({ name, ...verdict, ms, request: body, response: answer?.raw ?? "" });
  }
  return { model, server: server.apiRoot, version: server.version, rows };
}
