// oxlint-disable-next-line no-control-regex
const MARKS = /"|\\[^]|[\u0000-\u001f]/g;
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f]/;

/** JSON whose strings hold raw control characters → the same with them escaped. A backslash in front of one stays an error. */
export function escapeControlCharacters(json: string): string {
  if (!CONTROL.test(json)) return json;
  let isInString = false;
  return json.replace(MARKS, (mark) => {
    if (mark === '"') isInString = !isInString;
    const isRaw = isInString && mark < " ";
    return isRaw ? JSON.stringify(mark).slice(1, -1) : mark;
  });
}

/** @throws {SyntaxError} */
export function parseRawJson(json: string): unknown {
  return JSON.parse(escapeControlCharacters(json));
}
