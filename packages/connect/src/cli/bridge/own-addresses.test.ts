import type { NetworkInterfaceInfo } from "node:os";
import { expect, test } from "vitest";
import { leadsTo, toReachableUrl } from "./own-addresses.ts";

const inside: NetworkInterfaceInfo = {
  address: "127.0.0.1",
  netmask: "255.0.0.0",
  family: "IPv4",
  mac: "00:00:00:00:00:00",
  internal: true,
  cidr: "127.0.0.1/8",
};
const outside: NetworkInterfaceInfo = { ...inside, address: "192.0.2.7", internal: false, cidr: "192.0.2.7/24" };

test.each([
  ["http://127.0.0.1:8010/v1", "http://127.0.0.1:8010/v1"],
  ["http://192.0.2.1:8010/v1", "http://192.0.2.1:8010/v1"],
  ["http://0.0.0.0:8010/v1", "http://192.0.2.7:8010/v1"],
  ["http://[::]:8010/v1", "http://192.0.2.7:8010/v1"],
])("an agent is told to use for %s: %s", (baseUrl, expected) => {
  expect(toReachableUrl(baseUrl, { lo: [inside], eth0: [outside] })).toBe(expected);
});

test("a machine without a network has loopback", () => {
  expect(toReachableUrl("http://0.0.0.0:8010/v1", { lo: [inside] })).toBe("http://127.0.0.1:8010/v1");
});

test.each([
  ["127.0.0.1", "0.0.0.0", true],
  ["localhost", "127.0.0.1", true],
  ["0.0.0.0", "127.0.0.1", true],
  ["203.0.113.5", "0.0.0.0", false],
  ["203.0.113.5", "203.0.113.5", true],
])("%s leads to what listens on %s: %s", (target, address, expected) => {
  expect(leadsTo(target, address)).toBe(expected);
});
