/**
 * `${NAME}` → the variable's value, by the agent's rules (`env-substitution.ts`): upper-case names only, `$${NAME}` stands for the text
 * `${NAME}`, what was put in is not looked at again. A variable that is unset or empty stays as it is written.
 *
 * @param onMissing told the name of each variable that is unset or empty
 */
export function substituteVariables(
  text: string,
  lookup: (name: string) => string | undefined,
  onMissing?: (name: string, isEmpty: boolean) => void,
): string {
  return text.replace(/\$(\$?)\{([A-Z_][A-Z0-9_]*)\}/g, (whole, escape: string, name: string) => {
    if (escape !== "") return whole.slice(1);
    const value = lookup(name);
    if (value !== undefined && value !== "") return value;
    onMissing?.(name, value === "");
    return whole;
  });
}

/** The name in a text that is `${NAME}` and nothing else; undefined for any other text. */
export function variableReference(text: string): string | undefined {
  return /^\$\{([A-Z_][A-Z0-9_]*)\}$/.exec(text)?.[1];
}
