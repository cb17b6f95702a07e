/** A key as the hosts read it: without line breaks, and without blanks around it; undefined when nothing is left. */
export function cleanKey(value: string | undefined): string | undefined {
  const key = value?.replace(/[\r\n]/g, "").trim() ?? "";
  return key === "" ? undefined : key;
}
