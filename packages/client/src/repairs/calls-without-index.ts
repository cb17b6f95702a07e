/** What is known of a call so far; empty texts are not known yet. */
interface KnownCall {
  id: string;
  name: string;
}

/** The calls of an answer, told apart where the server numbers none of them: by id, then by position in the list. */
export class CallsWithoutIndex<Call extends KnownCall> {
  private readonly byId = new Map<string, Call>();
  /** The calls of the latest list that opened one. */
  private latestList: readonly (Call | undefined)[] = [];
  private list: (Call | undefined)[] = [];
  private readonly inList = new Set<Call>();
  private hasOpened = false;

  startList(): void {
    // Most lists hold one more piece of a numbered call.
    if (this.list.length === 0) return;
    this.list = [];
    this.inList.clear();
    this.hasOpened = false;
  }

  endList(): void {
    if (this.hasOpened) this.latestList = this.list;
  }

  /** The call that an entry of the list belongs to; undefined for one that opens another. Two entries with names are two calls. */
  find(position: number, { id, name }: KnownCall): Call | undefined {
    const sameId = id === "" ? undefined : this.byId.get(id);
    if (sameId !== undefined && (name === "" || !this.inList.has(sameId))) return sameId;
    const before = this.latestList[position];
    if (before === undefined || this.inList.has(before)) return undefined;
    // Without a name it begins no call, whatever its id: before 0.9, vLLM gave every delta an id of its own.
    const isAnother = name !== "" && ((id !== "" && before.id !== "") || (before.name !== "" && before.name !== name));
    return isAnother ? undefined : before;
  }

  /** The entry at this position of the list was read into the call. */
  add(position: number, call: Call, isNew: boolean): void {
    if (call.id !== "") this.byId.set(call.id, call);
    this.list[position] = call;
    this.inList.add(call);
    this.hasOpened ||= isNew;
  }
}
