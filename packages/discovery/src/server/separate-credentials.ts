/** An address without the user name and password in it, and the header that carries them: `fetch` refuses such addresses. */
export function separateCredentials(address: string): { address: string; authorization: string | undefined } {
  const url = new URL(address);
  if (url.username === "" && url.password === "") return { address, authorization: undefined };
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = "";
  url.password = "";
  const bytes = new TextEncoder().encode(pair);
  return { address: url.href.replace(/\/$/, ""), authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
}
