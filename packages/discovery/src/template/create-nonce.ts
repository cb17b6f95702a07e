const LETTERS = "abcdefghijkmnopqrstuvwxyz";
const SIGNS = `${LETTERS}23456789`;

/**
 * A word that no template and no echo of the request holds by chance: nine letters and digits, which is also what Mistral's
 * templates demand of a tool call's id.
 */
export function createNonce(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(9));
  return Array.from(bytes, (byte, index) => {
    const alphabet = index === 0 ? LETTERS : SIGNS;
    return alphabet[byte % alphabet.length];
  }).join("");
}
