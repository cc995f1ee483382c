import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  LiveSocket,
  type LiveState,
  retryCeiling,
  type SocketLike,
  type Subscription,
} from "./live";

class FakeSocket implements SocketLike {
  readyState: SocketLike["readyState"] = 0;
  sent: string[] = [];
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;

  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.readyState = 3;
  }
  accept(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  drop(): void {
    this.readyState = 3;
    this.onclose?.();
  }
}

const SUBSCRIPTION: Subscription = {
  runs: ["p/a"],
  keys: ["loss"],
  system: false,
  logs: null,
  revs: { "p/a": "r1" },
};

function setUp() {
  const sockets: FakeSocket[] = [];
  const states: LiveState[] = [];
  const handlers = {
    message: vi.fn(),
    state: (state: LiveState) => void states.push(state),
    resumed: vi.fn(),
  };
  const live = new LiveSocket(() => {
    const socket = new FakeSocket();
    sockets.push(socket);
    return socket;
  }, handlers);
  live.start();
  return { live, sockets, states, handlers };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a subscription made before the socket opens is sent when it does", () => {
  const { live, sockets } = setUp();
  live.subscribe(SUBSCRIPTION);
  sockets[0]?.accept();
  expect(sockets[0]?.sent).toEqual([JSON.stringify({ type: "sub", data: SUBSCRIPTION })]);
});

test("after a drop it reconnects, subscribes again and asks for what was missed", () => {
  const { live, sockets, states, handlers } = setUp();
  live.subscribe(SUBSCRIPTION);
  sockets[0]?.accept();
  sockets[0]?.drop();
  vi.advanceTimersByTime(20_000);
  sockets[1]?.accept();
  expect(states).toEqual(["live", "offline", "live"]);
  expect(sockets[1]?.sent).toHaveLength(1);
  expect(handlers.resumed).toHaveBeenCalledTimes(1);
});

test("a socket that never opens turns into polling", () => {
  const { sockets, states } = setUp();
  for (let index = 0; index < 3; index += 1) {
    sockets[index]?.drop();
    vi.advanceTimersByTime(20_000);
  }
  expect(states.at(-1)).toBe("polling");
});

test("a stopped socket stays closed", () => {
  const { live, sockets } = setUp();
  live.stop();
  sockets[0]?.drop();
  vi.advanceTimersByTime(60_000);
  expect(sockets).toHaveLength(1);
});

test("messages pass through; anything else is ignored", () => {
  const { sockets, handlers } = setUp();
  sockets[0]?.accept();
  sockets[0]?.onmessage?.({ data: '{"type":"stale","data":{"run":"p/a"}}' });
  sockets[0]?.onmessage?.({ data: '"noise"' });
  expect(handlers.message.mock.calls).toEqual([[{ type: "stale", data: { run: "p/a" } }]]);
});

test("waits grow from half a second to fifteen", () => {
  expect([0, 1, 4, 9].map(retryCeiling)).toEqual([500, 1000, 8000, 15_000]);
});
