import type { HeaderLines, TransportRequest } from "./transport.ts";

export function isLines(headers: TransportRequest["headers"]): headers is HeaderLines {
  return Array.isArray(headers);
}

/** For a body whose `content-encoding` has been undone: the encoding and the length are no longer true. */
export function withoutEncoding(lines: HeaderLines): HeaderLines {
  return lines.filter(([name]) => !/^content-(?:encoding|length)$/i.test(name));
}
