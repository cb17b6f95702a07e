/** A key as the hosts send it: without line breaks and the blanks around it; undefined when nothing is left. */
export function cleanApiKey(text: string | undefined): string | undefined {
  const key = text?.replace(/[\r\n]/g, "").trim() ?? "";
  return key === "" ? undefined : key;
}
