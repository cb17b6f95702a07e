import { access, constants, writeFile } from "node:fs/promises";
import path from "node:path";
import type { ServeSuggestion, ServerReport } from "@vllm/discovery";
import { suggestServeCommand } from "@vllm/discovery";
import type { AdapterFinding, Installation, AgentId, AgentLocation } from "@vllm/coderclaw-adapter/internal";
import {
  isError,
  diagnoseInstallation,
  mergeAlike,
  serveForAgent,
  defaultModel,
  readInstallation,
  AGENT_LABELS,
  quoteForShell,
  toHostModels,
} from "@vllm/coderclaw-adapter/internal";
import { toMarkdown } from "../../matrix/to-markdown.ts";
import type { CommandContext, OpenAgent } from "../command-context.ts";
import { openAgent, openNoAgent } from "../command-context.ts";
import type { ProviderDiagnosis } from "../probe/diagnose-provider.ts";
import { diagnoseProvider, situationOf } from "../probe/diagnose-provider.ts";
import { makeMatrices } from "../probe/make-matrices.ts";
import { providersToProbe } from "../probe/providers-to-probe.ts";
import type { ExitCode } from "../terminal/exit-codes.ts";
import { EXIT } from "../terminal/exit-codes.ts";
import { exitCodeOf } from "../probe/server-exit-code.ts";
import type { Output } from "../terminal/output.ts";
import type { Colors } from "../terminal/colors.ts";
import { countFindings, renderFindings } from "../ui/render-findings.ts";
import { renderServeCommand } from "../ui/render-serve-command.ts";
import { renderBridgeLine } from "../ui/render-bridge.ts";
import { renderMatrix } from "../ui/render-matrix.ts";
import { renderModelTable, renderServerLine } from "../ui/render-models.ts";
import { withNote } from "../terminal/with-note.ts";
import { hangText } from "../terminal/wrap-text.ts";

export interface DoctorOptions {
  baseUrl?: string | undefined;
  provider?: string | undefined;
  /** Asks questions that cost tokens, too. */
  active: boolean;
  /** File for the table of what server and model really do; undefined: no such table. */
  matrixFile?: string | undefined;
}

/** `doctor`: everything that is wrong between agent and server, each with its fix. Changes nothing. */
export async function doctor(context: CommandContext, options: DoctorOptions): Promise<ExitCode> {
  const { output } = context;
  const { colors } = output;
  // The table costs tokens: whether it can be saved is known before.
  if (options.matrixFile !== undefined) await access(path.dirname(options.matrixFile), constants.W_OK);
  // Who names a server and no agent asks about the server.
  const { agent: named, configPath } = context.options;
  const isAboutServer = options.baseUrl !== undefined && named === undefined && configPath === undefined;
  const agent = isAboutServer ? await openNoAgent(context) : await openAgent(context);
  const { location } = agent;
  if (!isAboutServer) output.say(withNote(colors.bold(AGENT_LABELS[location.agent]), `— ${agent.reason}`, output));
  const installation = isAboutServer ? undefined : readInstallation(agent.config, context.terminal);
  const situations = providersToProbe(agent.config, options).map((providerId) =>
    situationOf(agent, providerId, installation),
  );
  // What is wrong before any server is asked comes first, once, and so does what keeps the agent from using its configuration at all.
  const first = isAboutServer
    ? []
    : mergeAlike(situations.flatMap(diagnoseInstallation).filter(({ severity }) => severity !== "info"));
  if (!isAboutServer) output.say(renderConfigLine(location, first.some(isError), output));
  if (installation !== undefined) output.say(renderInstallation(installation, output));
  if (first.length > 0) output.say(`\n${renderFindings(first, output)}`);
  const told = new Set(first.map(({ message }) => message));
  const diagnoses: ProviderDiagnosis[] = [];
  for (const situation of situations) {
    const { providerId } = situation;
    const one = await diagnoseProvider(context, agent, situation, { ...options, isAboutServer });
    one.shown = one.shown.filter(({ message }) => !told.has(message));
    for (const { message } of one.shown) told.add(message);
    diagnoses.push(one);
    output.say(
      isAboutServer
        ? renderServerLine(one.report, colors)
        : `\n${renderServerLine(one.report, colors)} ${colors.dim(providerId)}`,
    );
    output.say(`  key: ${one.keySource}`);
    if (one.bridge !== undefined) output.say(renderBridgeLine(one.bridge, colors));
    const models = toHostModels(one.report.models, location.agent);
    if (models.length > 0)
      output.say(`\n${renderModelTable(one.report, models, output, defaultOf(agent, providerId))}`);
    if (one.shown.length > 0) output.say(`\n${renderFindings(one.shown, output)}`);
  }
  const matrices = options.matrixFile === undefined ? [] : await makeMatrices(context, agent, diagnoses);
  for (const matrix of matrices) output.say(`\n${renderMatrix(matrix, output)}`);
  if (options.matrixFile !== undefined && matrices.length > 0) {
    await writeFile(options.matrixFile, toMarkdown(matrices));
    output.say(`\n${colors.green("✔")} Saved ${options.matrixFile}, with every question and answer.`);
  } else if (options.matrixFile !== undefined) {
    output.say(`\n${colors.yellow("▲")} No table was made: no server is ready to answer.`);
  }
  const findings = [...first, ...diagnoses.flatMap((one) => one.shown)];
  const failing = matrices.flatMap(({ rows }) => rows).filter(({ outcome }) => outcome === "fails").length;
  const failed = failing === 0 ? "" : `${failing} of the table ${failing === 1 ? "fails" : "fail"}`;
  const problems = [countFindings(findings), failed].filter((text) => text !== "").join(", ");
  const suggestions = diagnoses.flatMap(({ report }) => suggestionFor(report, location.agent));
  output.say(
    `\n${problems === "" ? `${colors.green("✔")} Nothing wrong was found.` : `${paintMark(findings, colors)} ${problems}`}`,
  );
  const fixes = suggestions.filter(({ arguments: serve }) =>
    serve.some(({ change }) => change === "add" || change === "replace"),
  );
  if (!options.active && diagnoses.some(({ report }) => hasUntriedTools(report)))
    output.say(`\n${colors.yellow("?")} ${hangText(output.advice(untried(options, diagnoses)), 2, output.wrapWidth)}`);
  for (const suggestion of fixes) output.say(`\n${renderServeCommand(suggestion, output)}`);
  // A warning about a server is advice.
  const isFailing = isAboutServer ? findings.some(isError) || failed !== "" : problems !== "";
  const code = worstOf(diagnoses, isFailing);
  output.result({
    command: "doctor",
    ok: code === EXIT.fine,
    ...(isAboutServer ? {} : { agent: location.agent, configPath: location.configPath }),
    ...(installation === undefined
      ? {}
      : { plugin: installation.plugin, gatewayService: installation.service?.path ?? null }),
    servers: diagnoses.map(({ providerId, keySource, report, bridge, findings }) => ({
      providerId,
      keySource,
      baseUrl: report.apiRoot,
      ...(bridge === undefined ? {} : { bridge }),
      kind: report.kind,
      state: report.state,
      version: report.version,
      models: report.models,
      capabilities: report.capabilities,
      tokensSpent: report.tokensSpent,
      findings,
    })),
    serveCommands: suggestions,
    ...(matrices.length === 0 ? {} : { matrices }),
  });
  return code;
}

function renderConfigLine({ exists, configPath }: AgentLocation, hasErrors: boolean, output: Output): string {
  const { colors } = output;
  const [mark, state] = hasErrors
    ? [colors.red("✖"), "has problems"]
    : exists
      ? [colors.green("✔"), "is valid"]
      : [colors.yellow("▲"), "does not exist yet"];
  return `${mark} ${output.path(configPath)} ${colors.dim(state)}`;
}

function renderInstallation({ plugin, service }: Installation, output: Output): string {
  const state = plugin.disabledBy === undefined ? "" : `, disabled by ${plugin.disabledBy}`;
  const lines = [
    `  plugin: ${plugin.folder === undefined ? "not installed" : `${output.path(plugin.folder)}${state}`}`,
  ];
  if (service !== undefined) lines.push(`  gateway service: ${output.path(service.path)}`);
  return lines.join("\n");
}

/** The command is about the same server; its address as it was typed may hold a password. */
function untried({ baseUrl, provider }: DoctorOptions, [first]: readonly ProviderDiagnosis[]): string {
  const server =
    baseUrl === undefined || first === undefined ? "" : ` --base-url ${quoteForShell(first.report.apiRoot)}`;
  const named = provider === undefined ? "" : ` --provider ${quoteForShell(provider)}`;
  const tokens = first?.report.fleet === undefined ? "hundred" : "thousand";
  return `Tools were not tried. A few ${tokens} tokens show whether they work:\nnpx @vllm/connect doctor --active${named}${server}`;
}

/** The default model, if it is one of this provider. */
function defaultOf({ config }: OpenAgent, providerId: string): string | undefined {
  const current = defaultModel(config.value);
  return current?.provider === providerId ? current.modelId : undefined;
}

/** Only a request shows whether a server reads a model's tool calls. */
function hasUntriedTools({ state, models }: ServerReport): boolean {
  return state === "ready" && models.some(({ toolCalling }) => toolCalling.status === "unknown");
}

function suggestionFor(report: ServerReport, agent: AgentId): ServeSuggestion[] {
  const suggestion = suggestServeCommand(report);
  if (suggestion === undefined) return [];
  const window = report.models.find(({ id }) => id === suggestion.model)?.contextWindow;
  return [serveForAgent(suggestion, agent, window)];
}

function paintMark(findings: readonly AdapterFinding[], colors: Colors): string {
  return findings.some(({ severity }) => severity === "error") ? colors.red("✖") : colors.yellow("▲");
}

function worstOf(diagnoses: readonly ProviderDiagnosis[], hasProblems: boolean): ExitCode {
  const states = diagnoses.map(({ report }) => exitCodeOf(report));
  return Math.max(hasProblems ? EXIT.problemsFound : EXIT.fine, ...states) as ExitCode;
}
