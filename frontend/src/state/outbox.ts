// Commands on their way to the node. Each has a key of its own, so that it happens once however
// often it is sent; each is shown as sending, done or refused, and nothing is shown as done before
// the node has said that it is on disk. What waits survives a reload; after a minute it asks again,
// but for what does no harm when it comes late.
import { computed, signal } from "@preact/signals";
import { Refusal, give } from "../api/client";
import { localTimes } from "./time";

export type Stage = "sending" | "asks" | "done" | "refused";

export interface Command {
  key: string;
  incident: string | null;
  kind: string;
  title: string;
  body: unknown;
  role: string;
  given: number;
  stage: Stage;
  why: string;
  ended: number | null;
}

const PLACE = "stopline.outbox";
const ASKS_AFTER_MS = 60_000;
const SHOWN_MS = 8_000;
const AGAIN_MS = 1_500;
const BUSY = new Set([408, 429, 503]);
/** A plan is made from what is known when the node gets to it. */
const NEVER_OLD = new Set(["plan.propose"]);

export const outbox = signal<Command[]>([]);
export const waiting = computed(() =>
  outbox.value.filter((one) => one.stage === "sending" || one.stage === "asks"),
);
/** The node could not be reached, or is busy: what is given waits. A command that it works at does not. */
const held = signal(false);
export const waits = computed(() => {
  const asks = waiting.value.filter((one) => one.stage === "asks").length;
  return held.value ? waiting.value.length : Math.max(asks, waiting.value.length - 1);
});
let account = "";
let ready = false;
let timer: number | null = null;
const listeners = new Map<string, (done: Command) => void>();

/** Take the account's own commands, those that a reload left behind included. */
export function openOutbox(name: string): void {
  account = name;
  ready = true;
  const kept = localStorage.getItem(`${PLACE}.${name}`);
  const known = kept === null ? [] : (JSON.parse(kept) as Command[]);
  outbox.value = known.map((one) => (isOld(one) ? { ...one, stage: "asks" } : one));
  pump();
}

/** Nobody is signed in: what waits stays where it is. */
export function closeOutbox(): void {
  ready = false;
}

/** Give a command; the promise ends when the node has answered, however long that takes. */
export function send(
  incident: string | null,
  kind: string,
  body: unknown,
  title: string,
  role: string,
): Promise<Command> {
  const command: Command = {
    key: crypto.randomUUID(), incident, kind, title, body, role, given: Date.now(),
    stage: "sending", why: "", ended: null,
  };
  // A new try takes the place of one that was refused.
  save([...outbox.value.filter((one) => one.stage !== "refused" || one.kind !== kind || one.incident !== incident), command]);
  return new Promise((resolve) => {
    listeners.set(command.key, resolve);
    pump();
  });
}

/** Send a command that waited for more than a minute after all. */
export function sendAgain(key: string): void {
  change(key, { stage: "sending", given: Date.now() });
  pump();
}

/** Let go of a command that waits, or of what is said about one; who waits for its end waits no more. */
export function drop(key: string): void {
  const dropped = outbox.value.find((one) => one.key === key);
  save(outbox.value.filter((one) => one.key !== key));
  if (dropped !== undefined) tell({ ...dropped, stage: "refused" });
}

/** Try now what waits. */
export function pump(): void {
  if (timer !== null) window.clearTimeout(timer);
  timer = null;
  void navigator.locks.request(`${PLACE}.${account}`, { ifAvailable: true }, async (lock) => {
    if (lock !== null) await work();
  });
}

let working = false;
async function work(): Promise<void> {
  if (working) return;
  working = true;
  try {
    for (;;) {
      const next = outbox.value.find((one) => one.stage === "sending");
      if (!ready || next === undefined) return;
      if (isOld(next)) {
        change(next.key, { stage: "asks" });
        continue;
      }
      held.value = !(await attempt(next));
      if (held.value) {
        timer = window.setTimeout(pump, AGAIN_MS);
        return;
      }
    }
  } finally {
    working = false;
  }
}

/** Send one; false if the node could not be reached or is busy. */
async function attempt(command: Command): Promise<boolean> {
  try {
    await give(command.incident, command.kind, command.body, command.key, command.role);
    end(command.key, "done", "");
    return true;
  } catch (error) {
    if (!(error instanceof Refusal)) return false;
    if (error.status === 401 || BUSY.has(error.status) || error.status >= 500) return false;
    end(command.key, "refused", localTimes(error.message));
    return true;
  }
}

function end(key: string, stage: Stage, why: string): void {
  change(key, { stage, why, ended: Date.now() });
  const ended = outbox.value.find((one) => one.key === key);
  if (ended !== undefined) tell(ended);
  if (stage === "done") window.setTimeout(() => drop(key), SHOWN_MS);
}

function tell(ended: Command): void {
  const listener = listeners.get(ended.key);
  listeners.delete(ended.key);
  listener?.(ended);
}

function isOld(one: Command): boolean {
  return one.stage === "sending" && !NEVER_OLD.has(one.kind) && Date.now() - one.given > ASKS_AFTER_MS;
}

function change(key: string, part: Partial<Command>): void {
  save(outbox.value.map((one) => (one.key === key ? { ...one, ...part } : one)));
}

function save(commands: Command[]): void {
  outbox.value = commands;
  const kept = commands.filter((one) => one.stage === "sending" || one.stage === "asks");
  if (kept.length) localStorage.setItem(`${PLACE}.${account}`, JSON.stringify(kept));
  else localStorage.removeItem(`${PLACE}.${account}`);
}
