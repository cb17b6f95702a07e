import type { Header } from "@vllm-tooling/fixtures";
import { isAuthorized } from "./api-key.ts";
import { toChatRequest } from "./chat-request.ts";
import { createScenarioPlayer } from "./play-scenario.ts";
import type { ReceivedRequest } from "./received-request.ts";
import { recordingsOf, type Recordings } from "./recordings.ts";
import { createRefusals, type ServerFacts } from "./refusals.ts";
import { readText, replaceInBody, toReply, type Reply } from "./reply.ts";
import { findRecordedRoute, isKnownPath } from "./routes.ts";
import type { Scenario } from "./scenario.ts";
import { answerDetokenize, answerTokenize } from "./tokenizer-routes.ts";

export interface VllmBehaviourOptions {
  /** The recorded server to imitate, `<version>/<config>`. */
  readonly config: string;
  readonly scenario: Scenario;
  readonly apiKey: string | undefined;
  /** Number of generations that are running. */
  readonly countRunning: () => number;
}

/** Decides what a vLLM server of this configuration answers; knows no transport. */
export interface VllmBehaviour {
  readonly recordings: Recordings;
  /** The first served name. */
  readonly model: string;
  /** `keepTurn`: the answer will not arrive, so a list of scenarios stays where it is. */
  answer(request: ReceivedRequest, keepTurn?: boolean): Reply;
  play(scenario: Scenario): void;
}

export const defaultConfig = "0.32.0/lab";

export function createVllmBehaviour(options: VllmBehaviourOptions): VllmBehaviour {
  const recordings = recordingsOf(options.config);
  const player = createScenarioPlayer(recordings, options.scenario);
  const modelList = toReply(recordings.get("models", "after-kill-models", "models-right-key", "models-asleep"));
  const facts = readFacts(modelList, recordings);
  const refusals = createRefusals(facts, recordings);
  const play = (...names: string[]) => toReply(recordings.get(...names));

  function answerChat(request: ReceivedRequest, keepTurn: boolean): Reply {
    if (!/^application\/json\b/.test(request.headers["content-type"] ?? "")) return play("wrong-content-type");
    if (request.body === undefined) return request.bodyText === "" ? play("empty-body") : play("bad-json");
    return refusals.ofChat(toChatRequest(request.body)) ?? player.next(request, keepTurn);
  }

  const computed: Readonly<Record<string, (request: ReceivedRequest, keepTurn: boolean) => Reply>> = {
    "POST /v1/chat/completions": answerChat,
    "POST /tokenize": (request) =>
      refusals.ofModel(toChatRequest(request.body)) ?? answerTokenize(request, recordings, facts.contextWindow),
    "POST /detokenize": (request) => answerDetokenize(request, recordings),
    "GET /v1/models": () => modelList,
    "GET /load": () => replaceInBody(play("load", "load-no-key"), [["0}", `${options.countRunning()}}`]]),
    "GET /metrics": () => withRunning(play("metrics", "metrics-no-key"), options.countRunning()),
  };

  function answer(request: ReceivedRequest, keepTurn = false): Reply {
    const path = request.path.split("?")[0] ?? "";
    if (request.method === "OPTIONS") return play("options-chat", "options-no-key");
    if (!isAuthorized(request, options.apiKey, recordings.version)) return play("chat-wrong-key");
    const route = computed[`${request.method} ${path}`];
    if (route) return route(request, keepTurn);
    const recorded = findRecordedRoute(recordings, request, path);
    if (recorded) return withOwnLocation(toReply(recorded), request);
    return isKnownPath(path) ? play("wrong-method-get-chat") : play("wrong-path", "root");
  }

  return { recordings, model: facts.servedNames[0] ?? "", answer, play: (scenario) => player.set(scenario) };
}

function readFacts(modelList: Reply, recordings: Recordings): ServerFacts {
  const { data } = JSON.parse(readText(modelList)) as { data: { id: string; max_model_len: number | null }[] };
  return {
    servedNames: data.map((model) => model.id),
    contextWindow: data[0]?.max_model_len ?? 4096,
    takesPictures: recordings.own("/v1/chat/completions").some(({ id }) => id.endsWith("/image-ok")),
    hasToolParser: recordings.command.includes("--tool-call-parser"),
  };
}

/** A redirect leads to the address that was asked, as vLLM's do, and not to the recorded server. */
function withOwnLocation(reply: Reply, request: ReceivedRequest): Reply {
  const host = request.headers["host"] ?? "";
  const headers = reply.headers.map(([name, value]): Header =>
    name.toLowerCase() === "location" ? [name, value.replace(/(?<=^http:\/\/)[^/]+/, host)] : [name, value],
  );
  return { ...reply, headers };
}

function withRunning(metrics: Reply, running: number): Reply {
  const line = /^vllm:num_requests_running\{.*$/m.exec(readText(metrics))?.[0];
  return line === undefined
    ? metrics
    : replaceInBody(metrics, [[line, line.replace(/ [\d.]+$/, ` ${running.toFixed(1)}`)]]);
}
