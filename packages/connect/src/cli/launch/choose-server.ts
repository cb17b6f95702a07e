import { discoverServer, findServers, pickServer, waitUntilReady } from "@vllm/discovery";
import type { FoundServer, ServerReport } from "@vllm/discovery";
import { cleanApiKey, DEFAULTS, displayUrl, VllmError } from "@vllm/schema/core";
import { parseApiKey, explainRefusal } from "@vllm/coderclaw-adapter/internal";
import type { CommandContext } from "../command-context.ts";
import { tlsOf } from "../command-line/ca-file.ts";
import { withoutQuery } from "../command-line/without-query.ts";
import { askSecret, choose } from "../terminal/prompts.ts";
import { isInteractive } from "../terminal/terminal.ts";
import { describeServer } from "./describe-server.ts";
import { showProgress } from "./show-progress.ts";

/** A server that answers chats, and the key that opens it. */
export interface ReadyServer {
  report: ServerReport;
  /** As it was named, with a user name and password if there were any. */
  baseUrl: string;
  key: string | undefined;
}

/**
 * Finds the server: the one that was named, the only one of this user's, or what a person picks. One that is loading is waited for.
 *
 * @throws {VllmError} when there is none, or several and nobody to pick one
 */
export async function chooseServer(context: CommandContext, named: string | undefined): Promise<ReadyServer> {
  const { terminal, output, options } = context;
  const { env, signal, fetch } = terminal;
  const ways = { signal, fetch, tls: tlsOf(options) };
  const found = await showProgress(context, "Looking for a vLLM server", () =>
    findServers({ ...ways, baseUrl: named, env }),
  );
  const chosen: Chosen = pickServer(found) ?? (await pickByHand(context, found));
  // Whoever picked an address from a list has named it.
  const apiKey = chosen.isNamed || chosen.isPicked === true ? cleanApiKey(env[DEFAULTS.apiKeyVariable]) : undefined;
  const address = named ?? env[DEFAULTS.baseUrlVariable];
  const baseUrl = chosen.isNamed && address !== undefined ? withoutQuery(address, output) : chosen.baseUrl;
  const first = await discoverWhenReady(context, { ...ways, baseUrl, apiKey }, chosen);
  if (first.state !== "locked") return { report: usable(first), baseUrl, key: apiKey };
  if (!isInteractive(terminal)) throw locked(first, chosen, env[DEFAULTS.apiKeyVariable] !== undefined);
  const key = await askForKey(context, first.apiRoot);
  return { report: usable(await discoverServer({ ...ways, baseUrl, apiKey: key })), baseUrl, key };
}

type Chosen = FoundServer & { isPicked?: boolean };

async function pickByHand(context: CommandContext, found: readonly FoundServer[]): Promise<Chosen> {
  const { terminal } = context;
  if (found.length === 0) throw noneFound();
  if (!isInteractive(terminal)) throw noneChosen(found);
  const baseUrl = await choose(terminal, {
    message: found.length === 1 ? "Use this server?" : "Which server?",
    options: found.map((server) => ({
      value: server.baseUrl,
      label: displayUrl(server.baseUrl),
      hint: describeServer(server),
    })),
    initialValue: undefined,
  });
  return { ...(found.find((server) => server.baseUrl === baseUrl) as FoundServer), isPicked: true };
}

async function discoverWhenReady(
  context: CommandContext,
  options: Parameters<typeof discoverServer>[0],
  { isLoading, owner, report }: FoundServer,
): Promise<ServerReport> {
  if (!isLoading && report.state !== "starting")
    return showProgress(context, `Asking ${displayUrl(report.apiRoot)}`, () => discoverServer(options));
  let message = "";
  const label = () => `Waiting for ${displayUrl(report.apiRoot)}: vLLM loads its model${message}`;
  return showProgress(context, label, () =>
    waitUntilReady({
      ...options,
      timeoutMs: LONGEST_LOADING_MS,
      onProgress({ state }) {
        if (owner?.pid !== undefined && !isAlive(owner.pid)) throw ended(report.apiRoot, owner.pid);
        message = state === "starting" ? " (it answers, and is not ready yet)" : "";
      },
    }),
  );
}

/** Large models take long from a network disk. */
const LONGEST_LOADING_MS = 3_600_000;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** @throws {VllmError} for a server that answers no chat */
function usable(report: ServerReport): ServerReport {
  if (report.state === "ready" && report.models.length > 0) return report;
  if (report.error !== undefined) throw report.error;
  const finding = report.findings.find(({ severity }) => severity === "error") ?? report.findings[0];
  throw new VllmError({
    code: "SERVER_ERROR",
    message: finding?.message ?? `${displayUrl(report.apiRoot)} serves no model.`,
    hint: finding?.fix ?? "npx @vllm/connect doctor shows what is wrong.",
    url: report.apiRoot,
  });
}

async function askForKey({ terminal }: CommandContext, apiRoot: string): Promise<string> {
  const typed = await askSecret(terminal, {
    message: `API key of ${displayUrl(apiRoot)}`,
    validate: (value) => explainRefusal(() => parseApiKey(value)),
  });
  return parseApiKey(typed);
}

function locked({ apiRoot }: ServerReport, { isNamed }: FoundServer, hasKey: boolean): VllmError {
  const address = displayUrl(apiRoot);
  const refused = isNamed && hasKey;
  return new VllmError({
    code: "AUTHENTICATION_FAILED",
    message: refused ? `${address} refuses the key in VLLM_API_KEY.` : `${address} requires an API key.`,
    hint: isNamed
      ? "Set VLLM_API_KEY to the key that `vllm serve --api-key` was started with."
      : `A key is sent only to an address that you name: set VLLM_API_KEY, and add --base-url ${address}`,
    url: apiRoot,
  });
}

function noneFound(): VllmError {
  return new VllmError({
    code: "SERVER_UNREACHABLE",
    message: "No vLLM server was found: none runs on this machine, and none that was used before answers.",
    hint: "Name it with --base-url http://<host>:8000, or start one: vllm serve <model>",
  });
}

function noneChosen(found: readonly FoundServer[]): VllmError {
  const lines = found.map((server) => `  --base-url ${displayUrl(server.baseUrl)}  (${describeServer(server)})`);
  return new VllmError({
    code: "CONFIG_INVALID",
    message:
      found.length === 1
        ? "One vLLM server was found, which is not used unless you name it."
        : `${found.length} vLLM servers were found, and none was named.`,
    hint: `Name it:\n${lines.join("\n")}`,
  });
}

function ended(apiRoot: string, pid: number): VllmError {
  return new VllmError({
    code: "SERVER_UNREACHABLE",
    message: `vLLM (process ${pid}) ended before ${displayUrl(apiRoot)} was ready.`,
    hint: "Its own output says why; the last lines before the traceback are the ones that count.",
  });
}
