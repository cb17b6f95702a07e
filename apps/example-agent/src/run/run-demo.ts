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

/** The whole flow on one question. @returns the exit code */
export async function runDemo(
  options: Omit<ConnectOptions, "startEmbedded">,
  emit: (event: RunEvent) => void,
): Promise<number> {
  let connection: Connection | undefined;
  try {
    connection = await connect({ ...options, startEmbedded: startEmbeddedServer }, emit);
    const agent = createSession(connection, { system: SYSTEM, tools: createDemoTools() });
    const outcome = await ask(agent, DEMO_QUESTION, options.signal, emit);
    return outcome === "complete" ? EXIT.fine : EXIT.failed;
  } catch (error) {
    emit(options.signal.aborted ? { type: "stopped" } : toErrorEvent(error));
    return toExitCode(error);
  } finally {
    await connection?.close();
  }
}
