/** The value of an `Authorization` header for the user name and password in an address; undefined when it holds neither. */
export function basicAuthorization({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  return `Basic ${btoa(`${decodeToBytes(username)}:${decodeToBytes(password)}`)}`;
}

/** One character per byte, as curl sends them: a password need not be UTF-8. A `%` without two hexadecimal digits stands for itself. */
function decodeToBytes(text: string): string {
  const utf8 = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
  return utf8.replace(/%([\da-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}
