import { displayUrl, errorFromNetwork, VllmError, type Limits } from "@vllm/schema/core";
import { aborted } from "@vllm/schema/internal";
import { ByteCollector } from "./exchange/byte-collector.ts";
import { LimitExceeded } from "./exchange/limit-exceeded.ts";
import type { ResponseHead, Transport } from "./exchange/transport.ts";

export interface TextRequest {
  method: "GET" | "POST";
  /** Absolute. */
  url: string;
  body?: Readonly<Record<string, unknown>> | undefined;
  /** Besides the sender's, names in lower case; they win over them. */
  headers?: Readonly<Record<string, string>> | undefined;
  signal?: AbortSignal | undefined;
  /** Limit for the whole answer, in ms; false: none. */
  timeoutMs: number | false;
  /** How large the answer may be. Default: as those of the auxiliary routes. */
  sizeLimit?: "auxiliaryBytes" | "answerBytes" | undefined;
}

/** Who sends it, and with what. */
interface TextSender {
  transport: Transport;
  headers: Readonly<Record<string, string>>;
  timeouts: { connectMs: number | false };
  limits: Limits;
}

interface TextResponse {
  status: number;
  header: ResponseHead["header"];
  head: ResponseHead;
  text: string;
}

/**
 * One request whose answer is short, read whole. Any status is an answer.
 *
 * @throws {VllmError} `SERVER_UNREACHABLE`, `REQUEST_TIMEOUT`, `RESPONSE_TOO_LARGE` or `ABORTED`
 */
export async function requestText(sender: TextSender, request: TextRequest): Promise<TextResponse> {
  const bodyText = request.body === undefined ? undefined : JSON.stringify(request.body);
  for (;;) {
    const response = await send(sender, request, bodyText);
    if (response !== "stale") return response;
  }
}

/** One try; `stale` when an idle connection turned out to be dead. */
function send(
  { transport, headers, timeouts, limits }: TextSender,
  { method, url, headers: own, signal, timeoutMs, sizeLimit = "auxiliaryBytes" }: TextRequest,
  body: string | undefined,
): Promise<TextResponse | "stale"> {
  if (signal?.aborted === true) return Promise.reject(aborted(signal.reason));
  return new Promise((resolve, reject) => {
    const received = new ByteCollector();
    const { [sizeLimit]: mostBytes, errorBytes } = limits;
    let head: ResponseHead | undefined;
    const finish = () => {
      settle();
      const text = new TextDecoder().decode(received.joined());
      if (head !== undefined) resolve({ status: head.status, header: head.header, head, text });
    };
    const exchange = transport(
      {
        method,
        url,
        headers: own === undefined ? headers : { ...headers, ...own },
        body,
        connectMs: timeouts.connectMs,
      },
      {
        onHead: (given) => (head = given),
        onBytes(block, start, end) {
          const isError = head !== undefined && head.status >= 300;
          if (!isError && received.length + end - start > mostBytes) {
            throw new LimitExceeded(sizeLimit, mostBytes);
          }
          received.append(block, start, isError ? Math.min(end, start + errorBytes - received.length) : end);
          // The start of an error's body says all there is to say.
          if (isError && received.length === errorBytes) finish();
        },
        onEnd: finish,
        onError(error, wasReused) {
          settle();
          if (wasReused && head === undefined) resolve("stale");
          else reject(errorFromNetwork(error, { url }));
        },
      },
    );
    const onAbort = () => {
      settle();
      reject(aborted(signal?.reason));
    };
    const onTimeout = (waitedMs: number) => {
      settle();
      reject(noAnswer(url, waitedMs));
    };
    const timer = timeoutMs === false ? undefined : setTimeout(onTimeout, timeoutMs, timeoutMs);
    signal?.addEventListener("abort", onAbort, { once: true });
    function settle(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      exchange.close();
    }
  });
}

function noAnswer(url: string, timeoutMs: number): VllmError {
  return new VllmError({
    code: "REQUEST_TIMEOUT",
    message: `No answer came from ${displayUrl(url)} within ${timeoutMs / 1000} s.`,
    hint: "The server is stuck or overloaded: look at its log.",
    isRetryable: true,
    url: displayUrl(url),
  });
}
