import { isCommandName, parseCommandLine } from "./commands.ts";

/** Lines that arrived together (pasted, or piped) → messages: text stays together, a command stands alone, blank ones are left out. */
export function groupLines(lines: readonly string[]): string[] {
  const messages: string[] = [];
  let text: string[] = [];
  const endText = (): void => {
    const message = text.join("\n").trim();
    if (message !== "") messages.push(message);
    text = [];
  };
  for (const line of lines) {
    if (isCommandName(parseCommandLine(line)?.name ?? "")) {
      endText();
      messages.push(line.trim());
    } else text.push(line);
  }
  endText();
  return messages;
}
