import { rememberServer } from "@vllm/discovery";
import type { DiscoveredModel } from "@vllm/discovery";
import { VllmError } from "@vllm/schema/core";
import { systemHome } from "@vllm/coderclaw-adapter/internal";
import type { InstalledAgent } from "../../agents/find-agent.ts";
import type { CommandContext } from "../command-context.ts";
import { toAgentFacts } from "../launch/agent-facts.ts";
import { cachedShare } from "../launch/cached-share.ts";
import { windowTooSmall } from "../launch/check-window.ts";
import { chooseAgent } from "../launch/choose-agent.ts";
import { chooseModel } from "../launch/choose-model.ts";
import type { ReadyServer } from "../launch/choose-server.ts";
import { chooseServer } from "../launch/choose-server.ts";
import type { EndingSignals } from "../launch/ending-signals.ts";
import { watchEndingSignals } from "../launch/ending-signals.ts";
import { startOwnBridge } from "../launch/own-bridge.ts";
import { pastProxy } from "../launch/past-proxy.ts";
import { createPrivateFolder } from "../launch/private-folder.ts";
import { keepPromptSize, ownPromptOf } from "../launch/prompt-sizes.ts";
import { renderSummary } from "../launch/render-summary.ts";
import { runAgent } from "../launch/run-agent.ts";
import { createTally } from "../launch/tally.ts";
import { unsentLogin } from "../launch/unsent-login.ts";
import { EXIT } from "../terminal/exit-codes.ts";

export interface LaunchOptions {
  /** Undefined: a person picks one. */
  agent: string | undefined;
  /** For the agent. */
  words: readonly string[];
  baseUrl?: string | undefined;
  model?: string | undefined;
  /** Without a bridge. */
  direct: boolean;
  /** Also with a window that is too small. */
  anyway: boolean;
}

/** `launch`: starts an agent on a server, with nothing written into any of its files. Returns the agent's exit code. */
export async function launch(context: CommandContext, options: LaunchOptions): Promise<number> {
  const { terminal } = context;
  const installed = await chooseAgent(terminal, options.agent);
  const signals = watchEndingSignals();
  try {
    const server = await chooseServer(context, options.baseUrl);
    const unsent = options.direct ? unsentLogin(server) : undefined;
    if (unsent !== undefined) throw unsent;
    const model = await chooseModel(terminal, server.report, options.model);
    await rememberServer(server.baseUrl).catch(() => undefined);
    return await run(context, options, { installed, server, model, signals });
  } finally {
    signals.stop();
  }
}

interface Launch {
  installed: InstalledAgent;
  server: ReadyServer;
  model: DiscoveredModel;
  signals: EndingSignals;
}

async function run(
  context: CommandContext,
  { words, direct, anyway }: LaunchOptions,
  { installed, server, model, signals }: Launch,
): Promise<number> {
  const { terminal, output } = context;
  const { agent, program } = installed;
  const tokenizer = model.root ?? model.id;
  const budget = await agent.budget?.({ env: terminal.env, home: systemHome(terminal) });
  const prompt = await ownPromptOf(installed, tokenizer, terminal);
  const place = {
    report: server.report,
    model,
    window: toAgentFacts(model, { baseUrl: server.baseUrl, needsKey: false, budget }).window,
  };
  const tooSmall = windowTooSmall(agent, prompt, place);
  if (tooSmall !== undefined && !anyway) throw withWayOut(tooSmall);

  const tally = createTally();
  const folder = createPrivateFolder();
  process.once("exit", folder.remove);
  const bridge = direct ? undefined : await startOwnBridge(context, server, agent, (entry) => tally.note(entry));
  try {
    const key = bridge?.key ?? server.key;
    const facts = toAgentFacts(model, {
      baseUrl: bridge?.baseUrl ?? server.report.apiRoot,
      needsKey: key !== undefined,
      budget,
    });
    const home = systemHome(terminal);
    const plan = await agent.plan(facts, {
      key,
      words,
      folder: folder.path,
      env: terminal.env,
      home,
      report: server.report,
    });
    await folder.write(plan.files ?? {});
    terminal.signal.throwIfAborted();
    const takeBack = terminal.handOver?.();
    const code = await runAgent({
      program,
      words: plan.words,
      env: { ...terminal.env, ...(bridge === undefined ? {} : pastProxy(terminal.env)), ...plan.env },
      signals,
    });
    takeBack?.();
    await bridge?.close();
    if (tally.ownPromptTokens !== undefined)
      await keepPromptSize(installed, tokenizer, tally.ownPromptTokens, terminal);
    if (bridge !== undefined) {
      const share = await cachedShare(tally, server);
      terminal.stderr.write(`${output.colors.dim(renderSummary(model.id, tally, share))}\n`);
    }
    // An agent that refuses by itself says less than this.
    const learned = await ownPromptOf(installed, tokenizer, terminal);
    const reason = windowTooSmall(agent, learned, place);
    if (code !== EXIT.fine && bridge !== undefined && reason !== undefined) output.fail(reason, "launch");
    return code;
  } finally {
    await bridge?.close();
    folder.remove();
    process.off("exit", folder.remove);
  }
}

/** The figure may be another version's. */
function withWayOut(error: VllmError): VllmError {
  const { code, message, hint, maxModelLen, promptTokens } = error;
  return new VllmError({
    code,
    message,
    hint: `${hint}\nTo start it all the same: --anyway`,
    maxModelLen,
    promptTokens,
  });
}
