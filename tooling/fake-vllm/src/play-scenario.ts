import { listFixtures, loadFixture, type Fixture } from "@vllm-tooling/fixtures";
import { createAgentConversation } from "./agent-conversation.ts";
import { toChatRequest } from "./chat-request.ts";
import { sourceOf, type ControlledStream } from "./controlled-stream.ts";
import { createNearestRecording } from "./nearest-recording.ts";
import type { ReceivedRequest } from "./received-request.ts";
import type { Recordings } from "./recordings.ts";
import { toReply, type Reply } from "./reply.ts";
import type { Scenario } from "./scenario.ts";

/** Gives each accepted chat request its reply. */
export interface ScenarioPlayer {
  /** With `keepTurn` a list does not go on: the request fails and will be sent again. */
  next(request: ReceivedRequest, keepTurn: boolean): Reply;
  set(scenario: Scenario): void;
}

export function createScenarioPlayer(recordings: Recordings, first: Scenario): ScenarioPlayer {
  const findNearest = createNearestRecording(recordings);
  const continueAgent = createAgentConversation(recordings);
  let scenario: Scenario = first;
  let turn = 0;
  checkNames(recordings, first);

  function toReplyOf(choice: string | ControlledStream, request: ReceivedRequest): Reply {
    if (typeof choice !== "string") return openControlled(choice, request, recordings);
    const chat = toChatRequest(request.body);
    if (choice !== "demo") return toReply(findVariant(recordings, choice, chat.stream === true));
    const nearest = findNearest(chat);
    if (nearest) return toReply(nearest);
    return continueAgent(chat) ?? toReply(findVariant(recordings, "hello", chat.stream === true));
  }

  return {
    next(request, keepTurn) {
      if (typeof scenario === "function") return toReplyOf(scenario(request) ?? "demo", request);
      if (!Array.isArray(scenario)) return toReplyOf(scenario as string | ControlledStream, request);
      const choice = scenario[Math.min(turn, scenario.length - 1)] as string | ControlledStream | undefined;
      if (!keepTurn) turn += 1;
      return toReplyOf(choice ?? "demo", request);
    },
    set(next) {
      checkNames(recordings, next);
      scenario = next;
      turn = 0;
    },
  };
}

let knownIds: ReadonlySet<string> | undefined;

/** The recording of that name which is streamed, or not, as the request wants; else the name itself. */
function findVariant(recordings: Recordings, name: string, streamed: boolean): Fixture {
  const slash = name.lastIndexOf("/");
  const [folder, base] = [name.slice(0, slash + 1), name.slice(slash + 1)];
  const variants = streamed
    ? [base, `${base}-stream`]
    : [`${base.replace(/-stream$/, "")}-nonstream`, base, `${base}-stream`];
  if (folder === "") {
    const found = recordings.find(variants);
    if (found) return found;
    throw new Error(`Neither "${recordings.config}" nor any other configuration has a recording named "${name}".`);
  }
  knownIds ??= new Set(listFixtures().map((entry) => entry.id));
  return loadFixture(folder + (variants.find((variant) => knownIds?.has(folder + variant)) ?? base));
}

function openControlled(stream: ControlledStream, request: ReceivedRequest, recordings: Recordings): Reply {
  const source = sourceOf(stream);
  source.onOpened(request);
  const head = toReply(recordings.get("hello-stream"));
  return { ...head, chunks: source.chunks, end: source.end, onClosed: source.onClosed, source: "a controlled stream" };
}

/** A wrong name is told at once, not in the middle of a test. */
function checkNames(recordings: Recordings, scenario: Scenario): void {
  const choices = Array.isArray(scenario) ? scenario : [scenario];
  for (const choice of choices) {
    if (typeof choice === "string" && choice !== "demo") findVariant(recordings, choice, true);
  }
}
