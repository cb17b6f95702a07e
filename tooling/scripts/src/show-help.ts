/** Prints the help and ends, where it was asked for: a script says what it does before it starts anything. */
export function showHelp(help: string): void {
  if (!process.argv.slice(2).some((argument) => argument === "--help" || argument === "-h")) return;
  console.log(help);
  process.exit(0);
}
