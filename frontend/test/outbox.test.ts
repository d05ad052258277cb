// What waits while the node is busy: what ends the wait, and what is asked again after a minute.
import { afterEach, beforeEach, expect, test, vi } from "vitest";

const kept = new Map<string, string>();
vi.stubGlobal("window", globalThis);
vi.stubGlobal("localStorage", {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => kept.set(key, value),
  removeItem: (key: string) => kept.delete(key),
});
vi.stubGlobal("navigator", {
  locks: { request: (_: string, __: unknown, run: (lock: object) => Promise<void>) => run({}) },
});
vi.mock("../src/api/client", () => ({
  Refusal: class extends Error {},
  give: () => Promise.reject(new Error("the node is busy")),
}));
vi.mock("../src/state/time", () => ({ localTimes: (text: string) => text }));

const { drop, openOutbox, outbox, send } = await import("../src/state/outbox");

beforeEach(() => {
  vi.useFakeTimers();
  openOutbox("duty");
});
afterEach(() => {
  for (const one of outbox.value) drop(one.key);
  vi.useRealTimers();
});

test("an order that waits for more than a minute asks", async () => {
  void send("i-1", "order.move", {}, "Move", "duty_officer");
  await vi.advanceTimersByTimeAsync(70_000);
  expect(outbox.value.map((one) => one.stage)).toEqual(["asks"]);
});

test("a plan is asked for until the node makes it", async () => {
  void send("i-1", "plan.propose", {}, "Propose", "duty_officer");
  await vi.advanceTimersByTimeAsync(200_000);
  expect(outbox.value.map((one) => one.stage)).toEqual(["sending"]);
});

test("who lets go of a command waits for it no more", async () => {
  const sent = send("i-1", "order.move", {}, "Move", "duty_officer");
  await vi.advanceTimersByTimeAsync(70_000);
  drop(outbox.value[0]!.key);
  expect((await sent).stage).toBe("refused");
  expect(outbox.value).toEqual([]);
});
