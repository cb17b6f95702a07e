import { readFileSync, writeFileSync } from "node:fs";

/**
 * A part of a document that a script makes, between `<!-- name -->` and `<!-- /name -->`.
 *
 * @returns whether it says the same already, or was written
 */
export function writeRegion(file: string, name: string, text: string, isWriting: boolean): boolean {
  const document = readFileSync(file, "utf8");
  const region = new RegExp(`(<!-- ${name} -->)[\\s\\S]*?(<!-- /${name} -->)`);
  if (!region.test(document)) throw new Error(`${file} has no region ${name}.`);
  const written = document.replace(region, (_, begin: string, end: string) => `${begin}\n\n${text}\n\n${end}`);
  if (!isWriting) return plain(document) === plain(written);
  writeFileSync(file, written);
  return true;
}

/** Without the blanks by which a formatter aligns tables. */
function plain(text: string): string {
  return text.replaceAll(/ +/g, " ").replaceAll(/-{3,}/g, "---");
}
