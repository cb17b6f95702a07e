/** Tells what is under way that it is over. An `AbortController` costs forty times as much, and most requests need none. */
export class Lifetime {
  private readonly callbacks: (() => void)[] = [];
  private controller: AbortController | undefined;
  private hasEnded = false;

  get isOver(): boolean {
    return this.hasEnded;
  }

  /** For those who understand nothing else. */
  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (this.hasEnded) this.controller.abort();
    return this.controller.signal;
  }

  /** Each callback is called once, at the end. */
  onEnd(callback: () => void): void {
    this.callbacks.push(callback);
  }

  end(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.controller?.abort();
    for (const callback of this.callbacks.splice(0)) callback();
  }
}
