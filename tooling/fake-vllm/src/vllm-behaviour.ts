import { isAuthorized } from "./api-key.ts";
import { toChatRequest } from "./chat-request.ts";
import type { ServerFacts } from "./chat-rules.ts";
import { createScenarioPlayer } from "./play-scenario.ts";
import type { ReceivedRequest } from "./received-request.ts";
import { recordingsOf, type Recordings } from "./recordings.ts";
import { createRefusals } from "./refusals.ts";
import { readText, replaceInBody, toReply, type Reply } from "./reply.ts";
import { findRecordedRoute } from "./recorded-route.ts";
import { routesOf } from "./routes.ts";
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

/** Routes that look at the content type and the body before all else. */
const jsonRoutes = new Set([
  "/v1/chat/completions",
  "/v1/completions",
  "/v1/responses",
  "/v1/messages",
  "/tokenize",
  "/detokenize",
]);

export function createVllmBehaviour(options: VllmBehaviourOptions): VllmBehaviour {
  const recordings = recordingsOf(options.config);
  const player = createScenarioPlayer(recordings, options.scenario);
  const modelList = toReply(recordings.get("models", "after-kill-models", "models-right-key", "models-asleep"));
  const facts = readFacts(modelList, recordings);
  const refusals = createRefusals(facts, recordings);
  const routes = routesOf(recordings);
  const play = (...names: string[]) => toReply(recordings.get(...names));

  function answerTokenizer(request: ReceivedRequest): Reply {
    const body = toChatRequest(request.body);
    const isChat = Array.isArray(body.messages);
    const hasNothing = !isChat && typeof (body as { prompt?: unknown }).prompt !== "string";
    if (hasNothing) return play("tokenize-bad");
    return refusals.ofModel(body, "/tokenize") ?? answerTokenize(request, recordings, facts.contextWindow);
  }

  const answerMetrics = () => withRunning(play("metrics", "metrics-no-key"), options.countRunning());

  const computed: Readonly<Record<string, (request: ReceivedRequest, keepTurn: boolean) => Reply>> = {
    "POST /v1/chat/completions": (request, keepTurn) =>
      refusals.ofChat(toChatRequest(request.body)) ?? refusals.ofRank(request) ?? player.next(request, keepTurn),
    "POST /tokenize": answerTokenizer,
    "POST /detokenize": (request) =>
      refusals.ofModel(toChatRequest(request.body), "/detokenize") ?? answerDetokenize(request, recordings),
    "GET /v1/models": () => modelList,
    "GET /load": () => replaceInBody(play("load", "load-no-key"), [["0}", `${options.countRunning()}}`]]),
  };

  function answer(received: ReceivedRequest, keepTurn = false): Reply {
    const path = received.path.split("?")[0] ?? "";
    if (isPreflight(received)) return play("options-chat", "options-no-key");
    if (!isAuthorized(received, options.apiKey, recordings.version)) return play("chat-wrong-key");
    // vLLM mounts the metrics as an application of their own, which takes every method.
    if (/^\/metrics\/?$/.test(path)) return answerMetrics();
    const takesHead = received.method === "HEAD" && routes.methodsOf(path)?.includes("HEAD") === true;
    const request = takesHead ? { ...received, method: "GET" } : received;
    if (request.method === "OPTIONS") return routes.refuse(request, path);
    if (request.method === "POST" && jsonRoutes.has(path) && routes.methodsOf(path)) {
      const refusal = refusals.ofBody(request, path);
      if (refusal) return refusal;
    }
    const route = computed[`${request.method} ${path}`];
    if (route) return route(request, keepTurn);
    const refusal = jsonRoutes.has(path) ? refusals.ofModel(toChatRequest(request.body), path) : undefined;
    if (refusal) return refusal;
    const recorded = findRecordedRoute(recordings, routes, request, path);
    return recorded ? toReply(recorded) : routes.refuse(request, path);
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

/** What a browser asks before it asks; any other OPTIONS is a method like the others. */
function isPreflight({ method, headers }: ReceivedRequest): boolean {
  return method === "OPTIONS" && "origin" in headers && "access-control-request-method" in headers;
}

function withRunning(metrics: Reply, running: number): Reply {
  const line = /^vllm:num_requests_running\{.*$/m.exec(readText(metrics))?.[0];
  return line === undefined
    ? metrics
    : replaceInBody(metrics, [[line, line.replace(/ [\d.]+$/, ` ${running.toFixed(1)}`)]]);
}
