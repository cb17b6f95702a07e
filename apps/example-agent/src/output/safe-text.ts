// Everything a terminal would obey: C0 (but tab and line feed), DEL, C1, and marks that turn the reading direction.
// oxlint-disable-next-line no-control-regex
const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** A text of a model, a file or a server as it may be shown in a terminal: it can neither move the cursor nor colour anything. */
export function toSafeText(text: string): string {
  return text.replace(OBEYED, "");
}

/** The same for a text that must stay on one line. */
export function toSafeLine(text: string): string {
  return toSafeText(text.replaceAll(/\s+/g, " ")).trim();
}
