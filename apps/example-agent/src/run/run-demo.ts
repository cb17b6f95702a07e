import type { ConnectOptions, Connection } from "../connect/connect.ts";
import { connect } from "../connect/connect.ts";
import { startEmbeddedServer } from "../connect/embedded-server.ts";
import { createDemoTools } from "../tools/create-tools.ts";
import { ask } from "./ask.ts";
import { createSession } from "./create-session.ts";
import { EXIT, toExitCode } from "./exit-code.ts";
import type { RunEvent } from "./run-event.ts";
import { toErrorEvent } from "./to-error-event.ts";

const SYSTEM =
  "You are a helpful assistant. Use the tools for the time and for every calculation. Answer in one sentence.";

/** Needs both tools. */
const DEMO_QUESTION = "What time is it and what is 17 * 23?";

function describeSeen({ calls, hasReasoning }: { calls: number; hasReasoning: boolean }): string[] {
  return [
    ...(calls > 0 ? [`tool calls: the server read ${calls} of them`] : []),
    ...(hasReasoning ? ["reasoning: it came apart from the answer"] : []),
  ];
}

/** The whole flow on one question. @returns the exit code */
export async function runDemo(
  options: Omit<ConnectOptions, "startEmbedded">,
  emit: (event: RunEvent) => void,
): Promise<number> {
  let connection: Connection | undefined;
  try {
    connection = await connect({ ...options, startEmbedded: startEmbeddedServer }, emit);
    const agent = createSession(connection, { system: SYSTEM, tools: createDemoTools() });
    const seen = { calls: 0, hasReasoning: false };
    const outcome = await ask(agent, DEMO_QUESTION, options.signal, (event) => {
      if (event.type === "toolcall_end" && event.toolCall.recovered !== true) seen.calls += 1;
      if (event.type === "thinking_delta") seen.hasReasoning = true;
      // `turn_end` is the last event of a question that was answered.
      if (event.type === "turn_end") emit({ type: "worked", what: describeSeen(seen) });
      emit(event);
    });
    return outcome === "complete" ? EXIT.fine : EXIT.failed;
  } catch (error) {
    emit(options.signal.aborted ? { type: "stopped" } : toErrorEvent(error));
    return toExitCode(error);
  } finally {
    await connection?.close();
  }
}
