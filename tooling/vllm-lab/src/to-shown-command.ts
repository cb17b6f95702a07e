/** A command as a person would type it. */
export function toShownCommand(command: string, commandArguments: readonly string[]): string {
  const quoted = commandArguments.map((argument) =>
    /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`,
  );
  return [command, ...quoted].join(" ");
}
