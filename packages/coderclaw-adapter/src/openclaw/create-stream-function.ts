import { createClientPool } from "./client-pool.ts";
import type { StreamFunction } from "./stream-types.ts";
import { runTurn } from "./run-turn.ts";
import type { StreamFunctionOptions } from "./turn.ts";
import { createTurnBuilder } from "./turn-builder.ts";
import { createTurnStream } from "./turn-stream.ts";
import { createWarnOnce } from "./turn-warnings.ts";

/**
 * OpenClaw's transport for a vLLM server, on `@vllm/client`: the thought goes back with every turn, calls left in the text are found, a
 * call that was cut is asked for once more and never run, messages are fitted to the chat template, a silent server is given up, and
 * errors say what to do.
 */
export function createStreamFunction(settings: StreamFunctionOptions): StreamFunction {
  const clientFor = createClientPool(settings);
  const warnOnce = createWarnOnce(settings.logger);

  return (model, context, options = {}) => {
    const stream = createTurnStream();
    const builder = createTurnBuilder(model, stream.push);
    void runTurn({
      model,
      context,
      options,
      settings,
      builder,
      warnOnce,
      // Within the turn: an address that cannot be used is its error, and not thrown at the agent.
      get client() {
        return clientFor(model, options);
      },
    });
    return stream;
  };
}
