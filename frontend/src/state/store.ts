// What the page knows: who is signed in, which incident, the picture of it, and how fresh that is.
import { batch, computed, effect, signal } from "@preact/signals";
import { actIn, get, Refusal, sayInstead, session, whenReached, whenSignedOut } from "../api/client";
import { follow, type Following } from "../api/follow";
import type { FactEvent, StreamMessage } from "../api/stream";
import type {
  Cameras, IncidentInShort, Me, NodeState, OwnUnit, Picture, Region, Statement, Thread, UnitLine,
} from "../api/types";
import { language, type Language } from "../messages";
import { closeOutbox, openOutbox, pump } from "./outbox";
import { heardTime, hold, nodeNow } from "./time";

export const me = signal<Me | null>(null);
/** True while nobody is known to be signed in. */
export const signedOut = signal(false);
export const begun = signal(false);
/** The node was made for exercises: nothing on screen is meant in earnest. */
export const exercise = signal(false);
export const role = signal("");
export const incidents = signal<IncidentInShort[]>([]);
/** The node has answered which incidents run: only then is it known that none does. */
export const incidentsAsked = signal(false);
export const incident = signal<string | null>(localStorage.getItem("stopline.incident"));
export const node = signal<NodeState | null>(null);
export const live = signal<Picture | null>(null);
export const past = signal<Picture | null>(null);
export const lookAt = signal<number | null>(null);
export const thread = signal<Thread | null>(null);
export const statements = signal<Statement[] | null>(null);
export const region = signal<Region | null>(null);
/** The node has answered about its roads: only then is it known that there are none. */
export const regionAsked = signal(false);
export const cameras = signal<Cameras | null>(null);
/** When `cameras` was read, by the node's clock; what is left of a hit counts from then. */
export const camerasTaken = signal(0);
export const ownUnit = signal<OwnUnit | null>(null);
export const unitLines = signal<UnitLine[]>([]);
export const connected = signal(false);
export const pictureTaken = signal<number | null>(null);
export const trouble = signal("");
/** Counts facts that may change front or belief; the map asks for them again. */
export const mapStamp = signal(0);

/** The picture on screen: of now, or of the moment that is looked at. */
export const picture = computed(() => (lookAt.value === null ? live.value : past.value));
export const isUnit = computed(() => role.value === "unit");
export const isAdministrator = computed(() => role.value === "administrator");

const SHORTEST_MS = 150;
const POSITIONS_MS = 1_000;
/** Facts of one command come together. */
const AT_ONCE_MS = 10;
const readLast = new Map<string, number>();
let following: Following | null = null;
let firstLook: Promise<void> = Promise.resolve();
let lostOnce = false;
const due = new Map<string, number>();

/** Sign in by the cookie that the browser holds, and follow the node from then on. */
export async function begin(): Promise<void> {
  whenSignedOut(() => setSignedOut());
  whenReached((reached) => {
    if (!reached) connected.value = false;
  });
  void get("/v1").then((found) => (exercise.value = found.exercise)).catch(() => undefined);
  await signedIn();
  begun.value = true;
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") following?.look();
  });
  window.addEventListener("online", () => following?.look());
}

let spoken: Language = "en"; // the language of the protocol's own words
/** Read what the protocol says in the language of the page. */
async function readWords(): Promise<void> {
  const wanted = language.peek();
  if (wanted !== spoken && reads("incident")) {
    sayInstead(wanted === "en" ? {} : await get("/v1/translations", { query: { language: wanted } }).catch(() => ({})));
    spoken = wanted;
  }
}

effect(() => {
  if (language.value !== spoken && me.peek() !== null) void readWords().then(refreshAll);
});

/** Take in who is signed in now. */
export async function signedIn(): Promise<void> {
  try {
    actIn(""); // the role of before may be gone
    const who = await get("/v1/me");
    batch(() => {
      me.value = who;
      exercise.value = who.exercise;
      signedOut.value = false;
      roleTaken.value = false;
      const wanted = localStorage.getItem(`stopline.role.${who.name}`);
      const roles = who.roles.map((one) => one.role);
      role.value = roles.find((one) => one === wanted) ?? roles[0] ?? "";
    });
    actIn(role.value);
    openOutbox(who.name);
    firstLook = readWords().then(refreshAll);
    if (following === null) following = follow(hear);
    else following.again();
    await firstLook;
  } catch (error) {
    if (error instanceof Refusal && error.status === 401) setSignedOut();
    else trouble.value = error instanceof Error ? error.message : String(error);
  }
}

export async function signOut(): Promise<void> {
  await session("DELETE").catch(() => undefined);
  setSignedOut();
}

/** Act in another of one's roles. */
export function takeRole(name: string): void {
  role.value = name;
  actIn(name);
  if (me.value !== null) localStorage.setItem(`stopline.role.${me.value.name}`, name);
  void refreshAll();
}

export function takeIncident(name: string): void {
  localStorage.setItem("stopline.incident", name);
  batch(() => {
    incident.value = name;
    live.value = null;
    thread.value = null;
    region.value = null;
    cameras.value = null;
  });
  void refreshAll();
}

function setSignedOut(): void {
  closeOutbox();
  signedOut.value = true;
}

function hear(message: StreamMessage): void {
  if (message.type === "open") {
    connected.value = true;
    pump();
    void (lostOnce ? refreshAll() : sinceFirstLook());
  } else if (message.type === "lost") {
    connected.value = false;
    lostOnce = true;
  }
  else if (message.type === "signed-out") setSignedOut();
  else if (message.type === "beat") {
    connected.value = true;
    if (message.time !== null) heardTime(message.time);
    if (live.value !== null) pictureTaken.value = nodeNow();
  } else {
    connected.value = true;
    if (message.fact.time) happened(message.fact);
  }
}

const COLOURS = /^(sighting|belief|verdict|order|plan|message|intelligence)\./;

function happened(fact: FactEvent): void {
  const mine = fact.incident === null || fact.incident === incident.value;
  if (fact.kind === "positions.reported") return soon("positions", readPositions, POSITIONS_MS);
  if (fact.kind.startsWith("incident.") || incident.value === null) soon("incidents", readIncidents);
  if (!mine) return;
  soon("picture", readPicture);
  if (/^(message|call)\./.test(fact.kind)) soon("thread", readThread);
  if (/^(statement|decision|message)\./.test(fact.kind)) soon("statements", readStatements);
  if (COLOURS.test(fact.kind)) mapStamp.value += 1;
  if (/^(hit|camera|sighting|watch)\./.test(fact.kind)) soon("cameras", readCameras);
  if (isUnit.value || fact.kind.startsWith("order.")) soon("own", readOwn);
}

/** Read something again: the first time at once, and then so often at most, however many facts ask. */
function soon(name: string, read: () => Promise<void>, everyMs = SHORTEST_MS): void {
  if (due.has(name)) return;
  const since = performance.now() - (readLast.get(name) ?? -everyMs);
  due.set(name, window.setTimeout(() => {
    due.delete(name);
    readLast.set(name, performance.now());
    void quietly(read);
  }, Math.max(AT_ONCE_MS, everyMs - since)));
}

function drop(name: string): void {
  clearTimeout(due.get(name));
  due.delete(name);
}

async function quietly(read: () => Promise<void>): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (error instanceof Refusal && error.status === 403) void roleStill();
    else if (error instanceof Refusal && error.status !== 401) trouble.value = error.message;
  }
}

/** The role that is acted in was taken away. */
export const roleTaken = signal(false);

let roleAsked = 0;
/** See whether the role that is acted in is still held; if not, somebody has to sign in anew. */
async function roleStill(): Promise<void> {
  if (signedOut.value || Date.now() - roleAsked < 3000) return;
  roleAsked = Date.now();
  actIn("");
  const who = await get("/v1/me").catch(() => null);
  actIn(role.value);
  if (who === null || who.roles.some((one) => one.role === role.value)) return;
  roleTaken.value = true;
  setSignedOut();
}

export async function refreshAll(): Promise<void> {
  await quietly(readIncidents);
  drop("all"); // an incident that was found by that is read at once
  await readCase();
}

/** The stream has begun: read again what may have changed between the first look and its start. */
async function sinceFirstLook(): Promise<void> {
  await firstLook;
  const before = live.value?.entries;
  if (before !== undefined) await quietly(readPicture);
  if (before === undefined || live.value?.entries !== before) await refreshAll();
}

/** Read all of the case that is looked at. */
async function readCase(): Promise<void> {
  await Promise.all([
    quietly(readPicture), quietly(readThread), quietly(readStatements), quietly(readOwn),
    quietly(readRegion), quietly(readCameras),
  ]);
}

async function readIncidents(): Promise<void> {
  if (isAdministrator.value || !reads("incident")) {
    await readNode();
    return;
  }
  const nodeComes = quietly(readNode);
  const found = await get("/v1/incidents");
  incidents.value = found;
  incidentsAsked.value = true;
  const chosen = incident.value;
  if (chosen === null || !found.some((one) => one.incident === chosen)) {
    incident.value = found[0]?.incident ?? null;
    if (incident.value !== null) soon("all", readCase);
  }
  await nodeComes;
}

/** The node's time, asked for: between two answers a clock whose pace was changed is only guessed at. */
export async function askedNow(): Promise<number> {
  try {
    await readNode();
  } catch {
    return nodeNow(); // the command that is made of it waits, too
  }
  return node.value !== null && reads("node") ? Math.min(nodeNow(), Date.parse(node.value.time)) : nodeNow();
}

export async function readNode(): Promise<void> {
  if (!reads("node")) return;
  const found = await get("/v1/node");
  node.value = found;
  if (lookAt.value === null) heardTime(found.time);
}

let asked = 0;
async function readPicture(): Promise<void> {
  const name = incident.value;
  if (name === null || !reads("incident")) return;
  const number = ++asked;
  const found = await get("/v1/incidents/{incident}/picture", { path: { incident: name } });
  if (number < asked && live.value !== null && found.entries < live.value.entries) return;
  // What may be said depends on the phase.
  if (live.value !== null && live.value.incident.phase !== found.incident.phase) soon("thread", readThread);
  batch(() => {
    heardTime(found.at);
    live.value = found;
    pictureTaken.value = nodeNow();
    trouble.value = "";
  });
}

async function readThread(): Promise<void> {
  const name = incident.value;
  if (name === null || !reads("matters")) return;
  thread.value = await get("/v1/incidents/{incident}/thread", { path: { incident: name } });
}

async function readStatements(): Promise<void> {
  const name = incident.value;
  if (name === null || !reads("statements")) return;
  statements.value = await get("/v1/incidents/{incident}/statements", { path: { incident: name } });
}

async function readCameras(): Promise<void> {
  const name = incident.value;
  if (name === null || !reads("sightings")) return;
  cameras.value = await get("/v1/incidents/{incident}/cameras", { path: { incident: name } });
  camerasTaken.value = nodeNow();
}

export async function readOwn(): Promise<void> {
  if (!isUnit.value) return;
  ownUnit.value = await get("/v1/me/orders");
}

async function readPositions(): Promise<void> {
  if (!reads("units")) return;
  unitLines.value = await get("/v1/units");
}

let regionComes: Promise<void> | null = null;
/** Read the roads once, however many ask. */
function readRegion(): Promise<void> {
  if (!reads("map") || region.value !== null) return Promise.resolve();
  regionComes ??= regionOnce().finally(() => (regionComes = null));
  return regionComes;
}

async function regionOnce(): Promise<void> {
  const name = isUnit.value ? (ownUnit.value?.orders[0]?.incident ?? null) : incident.value;
  region.value = await get("/v1/region", { query: name === null ? {} : { incident: name } });
  regionAsked.value = true;
}

export function reads(row: string): boolean {
  return me.value?.reads.includes(row) ?? false;
}

/** Whether the role that one acts in may give a command. */
export function may(command: string): boolean {
  return (
    me.value?.roles.find((one) => one.role === role.value)?.commands.includes(command) ?? false
  );
}

/** The picture of the moment that is looked at is on its way. */
export const looking = signal(false);
let lookedFor = 0;
/** Look at a past moment as it was known then, or come back to now. */
export async function look(moment: number | null): Promise<void> {
  const number = ++lookedFor;
  lookAt.value = moment;
  hold(moment);
  if (moment === null || incident.value === null) {
    looking.value = false;
    past.value = null;
    mapStamp.value += 1;
    return;
  }
  looking.value = true;
  const found = await get("/v1/incidents/{incident}/picture", {
    path: { incident: incident.value }, query: { at: new Date(moment).toISOString() },
  }).catch((error: unknown) => (error instanceof Refusal && error.status === 404 ? null : undefined));
  // Nothing was known then: the picture is empty. Not answered: what is there stays.
  if (number !== lookedFor) return;
  looking.value = false;
  if (found === undefined) return;
  past.value = found;
  mapStamp.value += 1;
}

// A plan that is adopted may bring another network; with the first picture its roads are read anyway.
let planOf: string | null | undefined;
effect(() => {
  const was = planOf;
  const digest = live.value?.plan?.digest ?? null;
  planOf = live.value === null ? undefined : digest;
  if (was !== undefined && digest !== null && digest !== was) void quietly(async () => {
    const name = incident.peek();
    if (name === null || !reads("map")) return;
    const found = await get("/v1/region", { query: { incident: name } });
    if (found?.digest !== region.peek()?.digest) region.value = found;
  });
});
