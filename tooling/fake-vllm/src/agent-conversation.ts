import type { Fixture } from "@vllm-tooling/fixtures";
import { messagesOf, textOf, toChatRequest, toolNamesOf, type ChatRequestLike } from "./chat-request.ts";
import type { Recordings } from "./recordings.ts";
import { toReply, type Reply } from "./reply.ts";
import { retell } from "./retell.ts";

/** How far a conversation has come: the last question, and the tool results since. */
interface ConversationState {
  readonly question: string;
  readonly results: readonly string[];
}

interface RecordedTurn extends ConversationState {
  readonly fixture: Fixture;
  readonly tools: string;
}

/**
 * Carries an agent's conversation on with the turn that a real vLLM said at the same point (`agent-*` and `demo-*` of this
 * configuration). The results that the model repeats are those of this conversation.
 */
export function createAgentConversation(recordings: Recordings): (request: ChatRequestLike) => Reply | undefined {
  let turns: readonly RecordedTurn[] | undefined;

  function readTurns(): RecordedTurn[] {
    return recordings
      .own("/v1/chat/completions")
      .filter(({ id }) => /\/(?:agent|demo)-[^/]*$/.test(id))
      .map((fixture) => {
        const request = toChatRequest(fixture.request.body);
        return { fixture, tools: toolNamesOf(request).join(), ...toState(request) };
      });
  }

  return (request) => {
    turns ??= readTurns();
    const state = toState(request);
    const fitting = turns.filter(
      (turn) => isStreamed(turn.fixture) === (request.stream === true) && turn.results.length <= state.results.length,
    );
    const asked = fitting.filter((turn) => sameQuestion(turn.question, state.question));
    const unasked = fitting.filter((turn) => turn.fixture.id.includes("/agent-no-script-"));
    const tools = toolNamesOf(request).join();
    const [best] = (asked.length > 0 ? asked : unasked).toSorted(
      (a, b) => b.results.length - a.results.length || Number(b.tools === tools) - Number(a.tools === tools),
    );
    return (
      best &&
      retell(
        toReply(best.fixture),
        best.results.map((result, index) => [result, state.results[index] ?? result]),
      )
    );
  };
}

function isStreamed(fixture: Fixture): boolean {
  return toChatRequest(fixture.request.body).stream === true;
}

function toState(request: ChatRequestLike): ConversationState {
  const messages = messagesOf(request);
  const last = messages.findLastIndex((message) => message.role === "user");
  const results = messages.slice(last + 1).filter((message) => message.role === "tool");
  return { question: textOf(messages[last]), results: results.map(textOf) };
}

/** Case, blanks and punctuation aside; any greeting is "Hello". */
function sameQuestion(recorded: string, asked: string): boolean {
  return toWords(recorded) === toWords(asked) || (recorded === "Hello" && /^\s*(?:hi|hello|hey)\b/i.test(asked));
}

function toWords(text: string): string {
  return (
    text
      .toLowerCase()
      .match(/[\p{L}\p{N}*+/-]+/gu)
      ?.join(" ") ?? ""
  );
}
