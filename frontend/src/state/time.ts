// The node's clock as this page knows it, and how a moment and a span are written.
//
// The page never trusts the clock of the machine it runs on: each answer of the node brings the
// node's time, and between two answers the page counts on, at the pace that it measured (in an
// exercise the clock may run faster).
import { signal } from "@preact/signals";

export const nowMs = signal(Date.now());
let baseWall = performance.now();
let baseNode = Date.now();
let pace = 1;
let known = false;
let halted = false;

/** Take in the node's time as an answer told it. */
export function heardTime(iso: string): void {
  const node = Date.parse(iso);
  if (Number.isNaN(node)) return;
  const wall = performance.now();
  if (known) {
    const wallSpan = wall - baseWall;
    const nodeSpan = node - baseNode;
    const measured = nodeSpan / wallSpan;
    // Answers overtake each other by some milliseconds; a pace needs a span that is long enough.
    if (wallSpan < 2000 && Math.abs(nodeSpan - wallSpan * pace) < 400) return;
    if (wallSpan >= 2000) pace = measured > 0.9 && measured < 1.1 ? 1 : clamp(measured, 0, 60);
  }
  known = true;
  baseWall = wall;
  baseNode = node;
  tick();
}

/** Stop counting at a moment of the past that is looked at, or go on. */
export function hold(moment: number | null): void {
  halted = moment !== null;
  nowMs.value = moment ?? nodeNow();
}

export function nodeNow(): number {
  return baseNode + (performance.now() - baseWall) * pace;
}

function tick(): void {
  if (!halted) nowMs.value = nodeNow();
}

/** Count on each second, for as long as the page lives. */
export function startClock(): void {
  const next = (): void => {
    tick();
    window.setTimeout(next, 1000 - (Math.floor(nodeNow()) % 1000) + 5);
  };
  next();
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

/** 21:35:29 in the zone of this machine. */
export function clock(moment: string | number | null | undefined): string {
  if (moment === null || moment === undefined) return "–";
  const at = new Date(moment);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":");
}

/** 21:35 in the zone of this machine. */
export function minute(moment: string | number | null | undefined): string {
  return clock(moment).slice(0, 5);
}

const IN_UTC = /(?:(\d{4}-\d\d-\d\d) )?\b(\d\d):(\d\d)(?::(\d\d))? UTC\b/g;

/** A sentence of the node with its clock times as this page writes them: of one screen, one zone. */
export function localTimes(sentence: string, now: number = nodeNow()): string {
  return sentence.replace(IN_UTC, (_whole, day: string | undefined, hour: string, min: string, sec: string | undefined) => {
    const today = new Date(now).toISOString().slice(0, 10);
    const at = new Date(`${day ?? today}T${hour}:${min}:${sec ?? "00"}Z`);
    const written = sec === undefined ? minute(at.getTime()) : clock(at.getTime());
    return day === undefined ? written : `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${written}`;
  });
}

/** A count: 3:04, or 1:02:03 from an hour on; negative ones without their sign. */
export function span(ms: number): string {
  const all = Math.floor(Math.abs(ms) / 1000);
  const hours = Math.floor(all / 3600);
  const rest = `${Math.floor((all % 3600) / 60)}:${two(all % 60)}`;
  return hours ? `${hours}:${two(Math.floor((all % 3600) / 60))}:${two(all % 60)}` : rest;
}

/** What is left until a moment, rounded up so that 0:00 is when it is over. */
export function left(moment: string | number, now: number): string {
  const ms = ms_of(moment) - now;
  return span(ms > 0 ? Math.ceil(ms / 1000) * 1000 : ms);
}

/** A margin with its sign: +0:24. */
export function signed(seconds: number): string {
  return `${seconds < 0 ? "−" : "+"}${span(Math.abs(seconds) * 1000)}`;
}

export function ms_of(moment: string | number): number {
  return typeof moment === "number" ? moment : Date.parse(moment);
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** Fri 12 Jun, UTC+2. */
export function dateLine(moment: number, language: string): string {
  const day = new Intl.DateTimeFormat(language === "de" ? "de-CH" : "en-GB", {
    weekday: "short", day: "numeric", month: "short",
  }).format(moment);
  const minutes = -new Date(moment).getTimezoneOffset();
  const sign = minutes < 0 ? "−" : "+";
  const rest = Math.abs(minutes) % 60;
  const zone = minutes === 0 ? "UTC" : `UTC${sign}${Math.floor(Math.abs(minutes) / 60)}${rest ? `:${two(rest)}` : ""}`;
  return `${day}, ${zone}`;
}
