/**
 * The one socket of a tab: it subscribes, resumes, and says when it had to give up.
 *
 * A closed socket is opened again after 0.5 to 15 s with jitter. Where no socket ever opens
 * (a proxy in the way) the state becomes `polling` and the listener is asked to look by itself.
 * A hidden tab unsubscribes, so that ten open tabs cost as much as one.
 */

import type {
  ConsoleLine,
  ConsoleStream,
  HostSample,
  LogEvent,
  Machine,
  MachineNews,
  Row,
  Run,
} from "./types";

export type LiveState = "connecting" | "live" | "polling" | "offline";

/** Console text of one rank of a run, from a byte on. */
export type ConsoleWant = {
  readonly run: string;
  readonly stream: ConsoleStream;
  readonly rank: number;
  readonly offset: number;
};

export type Subscription = {
  readonly runs: readonly string[];
  readonly keys: readonly string[];
  readonly system: boolean;
  readonly logs: ConsoleWant | null;
  readonly revs: { readonly [run: string]: string };
};

export type LiveMessage =
  | {
      readonly type: "metric_update";
      readonly data: {
        readonly run: string;
        readonly rev?: string;
        readonly rows?: readonly Row[];
        readonly summary?: Row;
      };
    }
  | {
      readonly type: "run_update";
      readonly data: Partial<Run> & { readonly run: string; readonly changed?: readonly string[] };
    }
  | { readonly type: "system_metrics"; readonly data: HostSample }
  | { readonly type: "hardware_update"; readonly data: unknown }
  | { readonly type: "cluster_metrics"; readonly data: { readonly nodes: readonly Machine[] } }
  | {
      readonly type: "node_status";
      readonly data: MachineNews | { readonly node: string; readonly status: "gone" };
    }
  | {
      readonly type: "log_append";
      readonly data: {
        readonly run: string;
        readonly stream: ConsoleStream;
        readonly rank: number;
        readonly offset: number;
        /** Bytes of the whole text. */
        readonly size: number;
        readonly lines: readonly ConsoleLine[];
      };
    }
  | { readonly type: "alert"; readonly data: LogEvent & { readonly run?: string } }
  | { readonly type: "stale"; readonly data: { readonly run: string; readonly rev?: string } };

export type LiveHandlers = {
  readonly message: (message: LiveMessage) => void;
  readonly state: (state: LiveState) => void;
  /** Called after a gap: whatever was missed must be fetched again. */
  readonly resumed: () => void;
};

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;
/** So many failed openings in a row say that sockets are blocked rather than interrupted. */
const BLOCKED_AFTER = 3;

export type SocketLike = Pick<WebSocket, "send" | "close" | "readyState"> & {
  onopen: (() => void) | null;
  onclose: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
};

/** The longest wait before try number `failures`, in milliseconds; the real one is a random part of it. */
export function retryCeiling(failures: number): number {
  return Math.min(FIRST_RETRY_MS * 2 ** failures, LAST_RETRY_MS);
}

export class LiveSocket {
  private readonly open: () => SocketLike;
  private readonly handlers: LiveHandlers;
  private socket: SocketLike | null = null;
  private subscription: Subscription | null = null;
  private failures = 0;
  private everOpened = false;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private stopped = true;

  constructor(open: () => SocketLike, handlers: LiveHandlers) {
    this.open = open;
    this.handlers = handlers;
  }

  start(): void {
    this.stopped = false;
    this.connect();
  }

  stop(): void {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
    this.socket?.close();
    this.socket = null;
  }

  /** Replace the subscription; it is sent now, and again after every reconnect. */
  subscribe(subscription: Subscription): void {
    this.subscription = subscription;
    this.sendSubscription();
  }

  private sendSubscription(): void {
    if (this.socket?.readyState !== 1 || !this.subscription) return;
    this.socket.send(JSON.stringify({ type: "sub", data: this.subscription }));
  }

  private connect(): void {
    if (this.stopped) return;
    const socket = this.open();
    this.socket = socket;
    socket.onopen = () => {
      const gap = this.everOpened;
      this.everOpened = true;
      this.failures = 0;
      this.handlers.state("live");
      this.sendSubscription();
      if (gap) this.handlers.resumed();
    };
    socket.onmessage = (event) => this.receive(event.data);
    socket.onclose = () => this.retry();
  }

  private retry(): void {
    if (this.stopped) return;
    this.socket = null;
    this.failures += 1;
    const blocked = !this.everOpened && this.failures >= BLOCKED_AFTER;
    this.handlers.state(blocked ? "polling" : this.everOpened ? "offline" : "connecting");
    const ceiling = retryCeiling(this.failures);
    this.timer = setTimeout(
      () => this.connect(),
      FIRST_RETRY_MS + Math.random() * (ceiling - FIRST_RETRY_MS),
    );
  }

  private receive(data: unknown): void {
    if (typeof data !== "string") return;
    const message: unknown = JSON.parse(data);
    if (typeof message === "object" && message !== null && "type" in message && "data" in message) {
      this.handlers.message(message as LiveMessage);
    }
  }
}

/** The address of the socket, beside the page and with its scheme. */
export function socketUrl(base: string): string {
  const url = new URL(`${base}ws`, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}
