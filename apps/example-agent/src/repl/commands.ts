/** What a line that begins with a slash asks for. */
export const COMMANDS = {
  "/model": { argument: " <id>", summary: "use another model (without an id: which one it is)" },
  "/models": { argument: "", summary: "the models of this server" },
  "/usage": { argument: "", summary: "tokens so far, and how full the window is" },
  "/reset": { argument: "", summary: "forget the conversation" },
  "/help": { argument: "", summary: "these commands" },
  "/quit": { argument: "", summary: "leave (also Ctrl-D)" },
} as const;

export type CommandName = keyof typeof COMMANDS;

export interface CommandLine {
  /** As it was typed; one of {@link COMMANDS} unless it is unknown. */
  name: string;
  argument: string | undefined;
}

/** A line of input → the command in it; undefined for a message to the model. A path such as `/etc/hosts` is a message. */
export function parseCommandLine(line: string): CommandLine | undefined {
  const match = /^(\/[a-z]+)(?:\s+(\S.*))?$/i.exec(line.trim());
  if (match === null) return undefined;
  return { name: (match[1] ?? "").toLowerCase(), argument: match[2]?.trim() };
}

/** What `/help` says. */
export function describeCommands(): string {
  const lines = Object.entries(COMMANDS).map(
    ([name, { argument, summary }]) => `${(name + argument).padEnd(13)}${summary}`,
  );
  return [...lines, "Ctrl-C stops an answer. Several lines can be pasted."].join("\n");
}

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}
