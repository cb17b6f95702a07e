import { createAddressSet } from "./address-set.ts";

/**
 * Whether a list such as `NO_PROXY` names an address. Entries are separated by commas or blanks: host names (with all their
 * subdomains), addresses, networks (`10.0.0.0/8`), names and addresses with a port, or `*`. What is none of these names nothing.
 */
export function isExempt(target: URL, list: string): boolean {
  const hostname = withoutDot(target.hostname);
  const port = target.port === "" ? (target.protocol === "https:" ? "443" : "80") : target.port;
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => entry === "*" || isNamedBy(entry, hostname, port));
}

function isNamedBy(entry: string, hostname: string, port: string): boolean {
  const networks = createAddressSet();
  if (networks.addNetwork(entry.replace(/^\[(.+?)\]?(\/\d+)\]?$/, "$1$2"))) return networks.has(hostname);
  if (networks.add(entry)) return networks.has(hostname);
  const [, name = "", wantedPort = port] = /^(\[.+\]|[^:]+)(?::(\d+))?$/.exec(entry) ?? [];
  if (wantedPort !== port) return false;
  const wanted = toHostname(name.replace(/^\*?\./, ""));
  if (wanted === undefined) return false;
  if (networks.add(wanted.replace(/^\[|\]$/g, ""))) return networks.has(hostname);
  return hostname === wanted || hostname.endsWith(`.${wanted}`);
}

/** As a URL has it: lower case, punycode, addresses in their usual form. */
function toHostname(name: string): string | undefined {
  if (name === "" || /[/?#@\\]/.test(name) || !URL.canParse(`http://${name}`)) return undefined;
  return withoutDot(new URL(`http://${name}`).hostname);
}

/** `gpu.` is `gpu`. */
function withoutDot(hostname: string): string {
  return hostname.replace(/\.$/, "");
}
