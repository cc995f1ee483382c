/**
 * The shared cursor: one x under the pointer, followed by every chart with the same axis.
 *
 * It bypasses React on purpose: a move of the mouse repaints a hairline, not a page.
 */

export type CursorAt = {
  /** Charts listen to their own kind of x only: a step is not a second. */
  readonly axis: string;
  readonly x: number;
};

type Listener = (at: CursorAt | null) => void;

export class CursorBus {
  private readonly listeners = new Set<Listener>();
  private at: CursorAt | null = null;

  get current(): CursorAt | null {
    return this.at;
  }

  set(at: CursorAt | null): void {
    if (at === null && this.at === null) return;
    this.at = at;
    for (const listener of this.listeners) listener(at);
  }

  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
}
