import type { Command } from "commander";
import { Help } from "commander";
import { INSTALLED } from "../terminal/own-command.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { wrapText } from "../terminal/wrap-text.ts";

const WIDTH_WHEN_PIPED = 80;
/** Characters: below that, a description is not broken into lines. */
const NARROWEST = 20;

/** The first screen: the commands in groups, a line each; examples to copy; what the exit codes mean. No line is wider than the terminal. */
export function addHelp(program: Command, { stdout, ownCommand = INSTALLED }: Terminal): void {
  const width = stdout.columns || WIDTH_WHEN_PIPED;
  const { visibleOptions } = new Help();
  program
    .usage("<command> [options]")
    .configureOutput({ getOutHelpWidth: () => width, getErrHelpWidth: () => width })
    .configureHelp({
      minWidthToWrap: NARROWEST,
      // Below the commands, not above them.
      visibleOptions: (command) => (command === program ? [] : visibleOptions.call(new Help(), command)),
      // `help <command>` works, too; nobody needs it in the list.
      visibleCommands: (command) => [...command.commands],
      subcommandTerm: (command) =>
        // What follows -- is none of ours.
        [
          command.name(),
          ...command.registeredArguments
            .filter((each) => !each.variadic)
            .map((each) => (each.required ? `<${each.name()}>` : `[${each.name()}]`)),
        ].join(" "),
    })
    .addHelpText("after", () => renderAfter(ownCommand, width));
}

function renderAfter(own: string, width: number): string {
  const examples = EXAMPLES.flatMap((example) => wrapParts(`  ${own} ${example}`.split(/ (?=--)/), width, " \\"));
  return [
    "",
    "Examples:",
    ...examples,
    "",
    ...wrapText(`Options of a command: ${own} <command> --help. Version: --version`, width),
    ...wrapParts(EXIT_CODES, width),
  ].join("\n");
}

const EXAMPLES = [
  "launch claude",
  "setup",
  "setup --yes --base-url http://gpu1:8000 --model Qwen/Qwen3-8B",
  "doctor --active",
] as const;

const EXIT_CODES = [
  "Exit codes: 0 fine,",
  "1 problems found,",
  "2 usage or bad configuration,",
  "3 server unreachable,",
  "130 stopped.",
] as const;

/** Lines that break between the parts only; `goesOn` stands at the end of a line that is not the last. */
function wrapParts([first = "", ...parts]: readonly string[], width: number, goesOn = ""): string[] {
  const lines: string[] = [];
  let line = first;
  for (const part of parts) {
    if (`${line} ${part}${goesOn}`.length > width) {
      lines.push(`${line}${goesOn}`);
      line = `    ${part}`;
    } else line += ` ${part}`;
  }
  return [...lines, line];
}
