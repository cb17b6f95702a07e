/** Replaces known secrets. Texts of fewer than four characters are left alone: they would tear every sentence apart. */
export function redact(text: string, secrets: readonly string[] = []): string {
  let shown = text;
  for (const secret of secrets) {
    if (secret.length >= 4) shown = shown.replaceAll(secret, "***");
  }
  return shown;
}
