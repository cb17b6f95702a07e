import type { BlockList } from "node:net";

/** IP addresses and networks. IPv4 written as IPv6 (`::ffff:10.0.0.5`) is the same address. */
export interface AddressSet {
  /** True for an address; anything else is left alone. */
  add(text: string): boolean;
  /** For `address/prefix`. */
  addNetwork(text: string): boolean;
  /** @param hostname as in a URL, with or without brackets */
  has(hostname: string): boolean;
}

export function createAddressSet(networks: readonly string[] = []): AddressSet {
  const net = process.getBuiltinModule("node:net");
  const list: BlockList = new net.BlockList();
  const set: AddressSet = {
    add(text) {
      const kind = familyOf(text);
      if (kind !== undefined) list.addAddress(text, kind);
      return kind !== undefined;
    },
    addNetwork(text) {
      const [, address = "", prefix = ""] = /^(.+)\/(\d{1,3})$/.exec(text) ?? [];
      const kind = familyOf(address);
      if (kind === undefined || Number(prefix) > (kind === "ipv4" ? 32 : 128)) return false;
      list.addSubnet(address, Number(prefix), kind);
      return true;
    },
    has(hostname) {
      const address = hostname.replace(/^\[|\]$/g, "");
      const kind = familyOf(address);
      return kind !== undefined && list.check(address, kind);
    },
  };
  for (const network of networks) set.addNetwork(network);
  return set;

  function familyOf(text: string): "ipv4" | "ipv6" | undefined {
    const family = net.isIP(text);
    return family === 0 ? undefined : family === 4 ? "ipv4" : "ipv6";
  }
}

/** Loopback, and the unspecified addresses, which a connection takes for loopback. */
const OWN_NETWORKS = ["127.0.0.0/8", "0.0.0.0/32", "::1/128", "::/128"];
/** As a URL writes most of them; an address set takes Node 10 ms to load. */
const OWN_HOSTNAMES = /^(?:(?:.+\.)?localhost\.?|127(?:\.\d{1,3}){3}|0\.0\.0\.0|\[::1?\])$/i;

/** True for names and addresses that mean the machine a program runs on. */
export function isOnThisMachine(hostname: string): boolean {
  if (OWN_HOSTNAMES.test(hostname)) return true;
  return hostname.startsWith("[") && createAddressSet(OWN_NETWORKS).has(hostname);
}
