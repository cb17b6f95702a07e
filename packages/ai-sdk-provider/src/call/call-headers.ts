/** The headers of one call, without those that have no value. */
export function toHeaders(given: Readonly<Record<string, string | undefined>> | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(given ?? {}).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
