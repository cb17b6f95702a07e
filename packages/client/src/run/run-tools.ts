import type { ChatMessage, VllmClient } from "@vllm/client";
import type { RunDoneEvent, RunEvent, RunResult } from "./run-events.ts";
import type { RunToolsOptions, RunToolsParams } from "./run-params.ts";
import { RunReader } from "./run-reader.ts";
import { RunSteps } from "./run-steps.ts";

/**
 * A run on its way. Read it once: by iterating over its events, by `result()`, or both. It ends with exactly one `done` event, or
 * throws exactly one `VllmError`. Nothing is sent before it is read. Leaving the loop, `abort()` and the signal stop the server and abort the tools' signal.
 */
export interface ToolRun<Output = unknown> extends AsyncIterable<RunEvent<Output>> {
  /** The conversation as far as it has come, also after an error: every call in it has its result, unless the run was stopped there. */
  readonly messages: readonly ChatMessage[];
  /** How the run ended, also without iterating. Rejects with the error that iterating throws. */
  result(): Promise<RunResult<Output>>;
  /** Stops the run; it ends `ABORTED`. */
  abort(reason?: unknown): void;
}

/**
 * Lets a model answer with the help of tools: sends the request, runs the calls of its answer all at once, sends their results back,
 * until the model answers without a call or the run is stopped (`stoppedBy`).
 *
 * A broken call is never run: the model is asked again once (`brokenCalls`). What cannot run is answered: a tool that does not exist,
 * arguments that do not fit, a tool that throws, the same call three times in a row; the fourth ends the run.
 *
 * The conversation only grows, so that vLLM's prefix cache hits; when it no longer fits the window, it is shortened once, to half of it.
 *
 * Never throws: what is wrong ends the run.
 */
export function runTools<Output = undefined>(
  client: VllmClient,
  params: RunToolsParams<Output>,
  options: RunToolsOptions = {},
): ToolRun<Output> {
  const controller = new AbortController();
  const { signal: given } = options;
  let steps: RunSteps<Output> | undefined;
  let hasFinished = false;

  async function* run(): AsyncGenerator<RunEvent<Output>, RunDoneEvent<Output>, undefined> {
    const follow = () => controller.abort(given?.reason);
    if (given?.aborted === true) follow();
    given?.addEventListener?.("abort", follow, { once: true });
    try {
      steps = new RunSteps<Output>(client, params, options, controller.signal);
      const done = yield* steps.run();
      hasFinished = true;
      return done;
    } finally {
      given?.removeEventListener?.("abort", follow);
      // What still runs is of no use to anybody.
      if (!hasFinished) controller.abort();
    }
  }

  const reader = new RunReader(run(), () => controller.abort());
  return {
    get messages() {
      return steps?.messages ?? params.messages;
    },
    [Symbol.asyncIterator]: () => reader.iterate(),
    result() {
      const result = reader.last().then(({ type: _type, ...rest }) => rest);
      // Whoever iterates gets the error there.
      result.catch(() => {});
      return result;
    },
    abort: (reason) => controller.abort(reason),
  };
}
