/** The `Retry-After` header, seconds or a date, in ms; undefined when it is absent or says nothing. */
export function parseRetryAfter(header: string | undefined): number | undefined {
  const text = header?.trim() ?? "";
  if (text === "") return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, Math.round(seconds * 1000));
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
