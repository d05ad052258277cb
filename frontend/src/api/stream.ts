// One stream of events, connected again for ever. It runs in a worker that all windows of a browser
// share, or in the page itself where a browser has no such workers.
//
// The node sends a heartbeat as an event; comments are not shown to a page. After 15 s without
// either the stream is given up and opened again from the last event that was seen.

export interface FactEvent {
  index: number;
  kind: string;
  incident: string | null;
  time: string;
  author: string;
  role: string;
  body: Record<string, unknown> | null;
}

export type StreamMessage =
  | { type: "fact"; fact: FactEvent }
  | { type: "beat"; time: string | null }
  | { type: "open" }
  | { type: "lost" }
  | { type: "signed-out" };

export type StreamOrder = { type: "look" } | { type: "again" } | { type: "bye" };

const SILENT_MS = 15_000;
const LOOK_MS = 1_000;
const SHORTEST_MS = 500;
const LONGEST_MS = 5_000;

export class Stream {
  private source: EventSource | null = null;
  private last: string | null = null;
  private heardAt = 0;
  private waitMs = SHORTEST_MS;
  private up = false;
  private stopped = false;
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly tell: (message: StreamMessage) => void) {
    this.connect();
    setInterval(() => this.look(), LOOK_MS);
  }

  /** See whether the line to the node is alive; called when a window wakes up, too. */
  look(): void {
    if (this.stopped || this.source === null) return;
    if (Date.now() - this.heardAt > SILENT_MS) this.again(true);
  }

  /** Begin again at once, for example after somebody signed in. */
  again(lost = false): void {
    this.stopped = false;
    if (lost) this.lose();
    this.close();
    this.connect();
  }

  get isUp(): boolean {
    return this.up;
  }

  private connect(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.heardAt = Date.now();
    const after = this.last === null ? "" : `?after=${this.last}`;
    const source = new EventSource(`/v1/events${after}`);
    this.source = source;
    source.onopen = () => {
      this.heardAt = Date.now();
      this.waitMs = SHORTEST_MS;
      this.up = true;
      this.tell({ type: "open" });
    };
    source.addEventListener("fact", (event) => {
      this.heard(event);
      this.tell({ type: "fact", fact: JSON.parse(event.data) as FactEvent });
    });
    source.addEventListener("heartbeat", (event) => {
      this.heard(event);
      const told = JSON.parse(event.data) as { time?: string };
      this.tell({ type: "beat", time: told.time ?? null });
    });
    source.addEventListener("start-again", (event) => {
      const told = JSON.parse((event as MessageEvent<string>).data) as { after: number };
      this.last = String(told.after);
      this.again();
    });
    source.addEventListener("signed-out", () => this.signOut());
    source.addEventListener("closing", () => this.retry());
    source.onerror = () => this.retry();
  }

  private heard(event: MessageEvent): void {
    this.heardAt = Date.now();
    if (event.lastEventId) this.last = event.lastEventId;
  }

  private retry(): void {
    if (this.stopped) return;
    this.lose();
    this.close();
    if (this.timer !== null) return;
    this.timer = setTimeout(() => void this.askFirst(), this.waitMs);
    this.waitMs = Math.min(this.waitMs * 2, LONGEST_MS);
  }

  /** A refused stream says nothing of why; a small request does. */
  private async askFirst(): Promise<void> {
    this.timer = null;
    try {
      const response = await fetch("/v1/me", { cache: "no-store" });
      if (response.status === 401) return this.signOut();
    } catch {
      return this.retry();
    }
    this.connect();
  }

  private signOut(): void {
    this.stopped = true;
    this.close();
    this.tell({ type: "signed-out" });
  }

  private lose(): void {
    if (this.up) this.tell({ type: "lost" });
    this.up = false;
  }

  private close(): void {
    this.source?.close();
    this.source = null;
  }
}
