export type Environment = Readonly<Record<string, string | undefined>>;

/** A number of tokens from a variable; undefined for anything but a positive integer. */
export function tokensIn(env: Environment, name: string): number | undefined {
  const text = env[name]?.trim() ?? "";
  return /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
}

/** Variables that are not handed on. */
export function without(...names: readonly string[]): Record<string, undefined> {
  return Object.fromEntries(names.map((name) => [name, undefined]));
}
