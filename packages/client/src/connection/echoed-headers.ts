import type { EchoRequest } from "../request/affinity.ts";

const MOST_CONVERSATIONS = 1000;

/** What routers want back with the next request of a conversation. */
export class EchoedHeaders {
  private readonly byConversation = new Map<string, Readonly<Record<string, string>>>();

  headersFor(request: EchoRequest | undefined): Readonly<Record<string, string>> {
    if (request === undefined) return {};
    const known = this.byConversation.get(request.id) ?? {};
    return Object.fromEntries(Object.entries(known).filter(([name]) => request.names.includes(name)));
  }

  /** A header that an answer does not have stays as the one before had it. */
  note({ id, names }: EchoRequest, header: (name: string) => string | undefined): void {
    const seen = names.flatMap((name) => {
      const value = header(name);
      return value === undefined ? [] : [[name, value] as const];
    });
    const known = { ...this.byConversation.get(id), ...Object.fromEntries(seen) };
    if (Object.keys(known).length === 0) return;
    // The conversation that was used last stands last.
    this.byConversation.delete(id);
    this.byConversation.set(id, known);
    const [oldest] = this.byConversation.keys();
    if (this.byConversation.size > MOST_CONVERSATIONS && oldest !== undefined) this.byConversation.delete(oldest);
  }
}
