/** JSON as models write it, with a blank after each colon and comma. */
export function toModelJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toModelJson).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${toModelJson(member)}`);
    return `{${members.join(", ")}}`;
  }
  return JSON.stringify(value);
}
