import { errorFromNetwork } from "@vllm/schema/core";
import { copyBytes } from "@vllm/transport/internal";
import type { Exchange, HeaderLines, ResponseHead, Transport, TransportRequest } from "@vllm/transport/internal";
import { endedEarly, silentAtFirst, silentSince } from "./wire-errors.ts";

/** An answer on its way: its text comes when it is asked for, and the server waits until then. */
export interface UpstreamAnswer {
  status: number;
  statusText: string;
  lines: HeaderLines;
  header(name: string): string | undefined;
  /**
   * The next text; undefined at the end.
   *
   * @throws {VllmError} `STREAM_IDLE_TIMEOUT`, `STREAM_ENDED_EARLY`
   */
  read(): Promise<string | undefined>;
  close(): void;
}

export interface AskLimits {
  /** To the first byte of the body. */
  firstTokenMs: number | false;
  /** Between two pieces of it. */
  idleMs: number | false;
}

/** Text that waits to be read before the server has to wait. */
const HIGH_WATER = 65_536;

/** @throws {VllmError} `SERVER_UNREACHABLE`, `REQUEST_TIMEOUT`, and the signal's own reason when it is aborted */
export async function askUpstream(
  transport: Transport,
  outgoing: TransportRequest,
  limits: AskLimits,
  signal: AbortSignal,
): Promise<UpstreamAnswer> {
  for (;;) {
    const answer = await ask(transport, outgoing, limits, signal);
    if (answer !== "stale") return answer;
  }
}

function ask(
  transport: Transport,
  outgoing: TransportRequest,
  { firstTokenMs, idleMs }: AskLimits,
  signal: AbortSignal,
): Promise<UpstreamAnswer | "stale"> {
  const { url } = outgoing;
  const decoder = new TextDecoder();
  let text = "";
  let isDone = false;
  let failure: unknown;
  let hasBytes = false;
  let wake: (() => void) | undefined;
  return new Promise((resolve, reject) => {
    const stop = () => end(signal.reason);
    const timer =
      firstTokenMs === false ? undefined : setTimeout(() => end(silentAtFirst(url, firstTokenMs)), firstTokenMs);
    function end(error: unknown): void {
      settle();
      exchange.close();
      failure ??= error;
      isDone = true;
      reject(error);
      wake?.();
    }
    function settle(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    }
    const exchange: Exchange = transport(outgoing, {
      onHead: (head) => resolve(toAnswer(head)),
      onBytes(block, start, stopAt) {
        if (!hasBytes) clearTimeout(timer);
        hasBytes = true;
        text += decoder.decode(copyBytes(block, start, stopAt), { stream: true });
        if (text.length > HIGH_WATER) exchange.pause();
        wake?.();
      },
      onEnd() {
        settle();
        text += decoder.decode();
        isDone = true;
        wake?.();
      },
      onError(error, wasReused) {
        settle();
        if (wasReused && !hasBytes) resolve("stale");
        else reject(errorFromNetwork(error, { url }));
        failure ??= endedEarly(url, error);
        isDone = true;
        wake?.();
      },
    });

    function toAnswer(head: ResponseHead): UpstreamAnswer {
      return {
        status: head.status,
        statusText: head.statusText,
        lines: head.lines(),
        header: (name) => head.header(name),
        async read() {
          if (text === "" && !isDone) await next();
          if (text === "" && failure !== undefined) throw failure;
          if (text === "") return undefined;
          const taken = text;
          text = "";
          exchange.resume();
          return taken;
        },
        close() {
          settle();
          exchange.close();
        },
      };
    }

    function next(): Promise<void> {
      return new Promise((go) => {
        // Before the first byte the other limit counts.
        const idle = hasBytes && idleMs !== false ? setTimeout(() => end(silentSince(url, idleMs)), idleMs) : undefined;
        wake = () => {
          clearTimeout(idle);
          wake = undefined;
          go();
        };
      });
    }

    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
