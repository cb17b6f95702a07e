import { formatDuration } from "../errors/stream-errors.ts";
import type { ChatWarning } from "../stream/warning.ts";

const HINT =
  "Look at the log of the server, or of the router in front of it. A server that is restarted finishes its answers first when it is started with --shutdown-timeout 60.";

/** The connection was lost, and no server answers yet. */
export function connectionLost(leftMs: number): ChatWarning {
  return {
    code: "CONNECTION_LOST",
    message: `The connection to the server was lost in the middle of the answer. The client waits up to ${formatDuration(leftMs)} for a server that goes on with it.`,
    hint: "Start the server again if nothing else does; the answer goes on by itself. To see why it does not answer: npx @vllm/connect doctor. To wait for more or less time: resume.waitMs.",
  };
}

/** The rest of the answer comes from another server, or from the same one after its restart. */
export const RESUMED: ChatWarning = {
  code: "resumed",
  message: "The server went away in the middle of the answer, which another one, or the same one again, goes on with.",
  hint: HINT,
};

export const BEGUN_AGAIN: ChatWarning = {
  code: "resumed",
  message: "The server went away before the answer had any text, so the model was asked again from the beginning.",
  hint: HINT,
};
