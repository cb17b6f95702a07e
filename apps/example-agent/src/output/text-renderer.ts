import type { Colors } from "./colors.ts";
import type { UsageTotals } from "../conversation/usage-totals.ts";
import type { ErrorEvent, RunEvent, TurnEndEvent } from "../run/run-event.ts";
import { isPassedOver, toConnectLines } from "./connect-lines.ts";
import { formatCount, formatDuration, formatPlural } from "./format-numbers.ts";
import { label } from "./label.ts";
import { createAnswerRenderer } from "./render-answer.ts";
import { toSafeLine, toSafeText } from "./safe-text.ts";
import type { Sink } from "./sink.ts";
import { breakLine } from "./text-flow.ts";

export interface TextRendererOptions {
  /** Where the model's text goes, and what a command answers. */
  answer: Sink;
  answerColors: Colors;
  /** Where everything else goes; may be the same. */
  activity: Sink;
  colors: Colors;
  /** Where errors go; may be the same. */
  problems: Sink;
  problemColors: Colors;
  /** Width of the terminal; Infinity for a pipe, whose lines are not broken. */
  columns: number;
  /** `full`: every step of the way (demo) · `brief`: problems, the answer, one line at the end (agent). */
  detail: "full" | "brief";
}

/** For people. */
export function createTextRenderer(options: TextRendererOptions): (event: RunEvent) => void {
  const { answer, answerColors, activity, problems, colors, problemColors, columns, detail } = options;
  const renderer = createAnswerRenderer(options);
  const printTo = (sink: Sink, lines: readonly string[]): void => {
    renderer.endText();
    sink.endLine();
    for (const line of lines) sink.write(`${breakLine(line, columns, colors)}\n`);
  };
  const print = (lines: readonly string[]): void => printTo(activity, lines);
  const endAnswer = (): void => {
    renderer.endText();
    answer.endLine();
  };

  /** Told after what answers instead. */
  let passedOver: string[] = [];

  return (event) => {
    if (detail === "full" && event.type === "provider" && isPassedOver(event)) {
      passedOver = toConnectLines(event, { colors, columns });
      return;
    }
    if (passedOver.length > 0 && event.type !== "embedded_server") print(passedOver.splice(0));
    switch (event.type) {
      case "provider":
      case "server":
      case "model":
        if (detail === "full") print(toConnectLines(event, { colors, columns }));
        return;
      case "finding":
        if (event.severity !== "info") print(toConnectLines(event, { colors, columns }));
        return;
      case "embedded_server":
      case "model_chosen":
        if (detail === "full") print([...toConnectLines(event, { colors, columns }), ...passedOver.splice(0)]);
        return;
      case "worked":
        endAnswer();
        activity.blankLine();
        return print(event.what.map((what, index) => label(index === 0 ? "Worked" : "", colors) + what));
      case "question":
        if (detail === "brief") return;
        activity.blankLine();
        return print([colors.bold(`> ${toSafeText(event.text)}`)]);
      case "turn_end":
        endAnswer();
        activity.endLine();
        if (detail === "full") activity.blankLine();
        return print(detail === "full" ? toUsageLines(event, colors) : [colors.dim(toUsageLine(event))]);
      case "error":
        endAnswer();
        activity.endLine();
        problems.blankLine();
        return printTo(problems, toErrorLines(event, problemColors));
      case "conversation":
        return print([
          `${colors.bold(toSafeLine(event.model))} ${colors.dim(`· ${formatCount(event.contextWindow)} tokens · ${event.baseUrl}`)}`,
          colors.dim(`${toSafeLine(event.folder)} · /help lists the commands`),
        ]);
      case "models":
        return printTo(answer, toModelLines(event, answerColors));
      case "usage":
        return printTo(answer, toTotalLines(event, answerColors));
      case "reply":
        return printTo(
          answer,
          toSafeText(event.text)
            .split("\n")
            .map((line) => answerColors.dim(line)),
        );
      case "stopped":
        endAnswer();
        return print([colors.yellow("Stopped.")]);
      default:
        return renderer.render(event);
    }
  };
}

export function toErrorLines({ message, hint, isAnswerIncomplete }: ErrorEvent, colors: Colors): string[] {
  const said = isAnswerIncomplete ? `The answer is incomplete: ${message}` : message;
  return [colors.red(`✗ ${toSafeText(said)}`), `  ${colors.dim(toSafeLine(hint))}`];
}

function toUsageLines(event: TurnEndEvent, colors: Colors): string[] {
  return [
    `${label("Usage", colors)}${describeTokens(event.usage)}`,
    `${label("Speed", colors)}${describeSpeed(event, ", ")}`,
  ];
}

function toUsageLine(event: TurnEndEvent): string {
  const { prompt, output, context } = event.usage;
  const full = `${Math.round((100 * context) / event.contextWindow)} % of the window`;
  return [`${formatCount(prompt)} in`, `${formatCount(output)} out`, describeSpeed(event, " · "), full].join(" · ");
}

function toModelLines({ current, models }: Extract<RunEvent, { type: "models" }>, colors: Colors): string[] {
  const width = Math.max(...models.map(({ id }) => id.length));
  return models.map(({ id, contextWindow, toolCalling, reasoning }) => {
    const facts = [
      `${formatCount(contextWindow.value)} tokens${contextWindow.source === "assumed" ? " (assumed)" : ""}`,
      `tool calls ${toolCalling.value}`,
      `reasoning ${reasoning.value}`,
    ];
    return `${id === current ? colors.green("*") : " "} ${toSafeLine(id).padEnd(width)}  ${colors.dim(facts.join(" · "))}`;
  });
}

function toTotalLines({ usage, turns, contextWindow }: Extract<RunEvent, { type: "usage" }>, colors: Colors): string[] {
  const percent = Math.round((100 * usage.context) / contextWindow);
  return [
    `${label("Tokens", colors)}${describeTokens(usage)}`,
    `${label("Window", colors)}${formatCount(usage.context)} of ${formatCount(contextWindow)} tokens (${percent} %), ${formatPlural(turns, "turn")} remembered`,
  ];
}

function describeTokens({ prompt, cached, output, reasoning, requests }: UsageTotals): string {
  const input = `${formatCount(prompt)} tokens in${cached > 0 ? ` (${formatCount(cached)} from the cache)` : ""}`;
  const out = `${formatCount(output)} out${reasoning > 0 ? ` (${formatCount(reasoning)} of them reasoning)` : ""}`;
  return `${input}, ${out}, in ${formatPlural(requests, "request")}`;
}

function describeSpeed({ firstTokenMs, tokensPerSecond }: TurnEndEvent, separator: string): string {
  return [
    firstTokenMs === undefined ? "no token came" : `first token after ${formatDuration(firstTokenMs)}`,
    ...(tokensPerSecond === undefined ? [] : [`${formatCount(Math.round(tokensPerSecond))} tokens/s`]),
  ].join(separator);
}
