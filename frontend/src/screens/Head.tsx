// One page for a head of state or minister: what is asked of them first, then what happened, what is
// sealed, what is open, what was said in public.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { Decision, Picture } from "../api/types";
import { t } from "../messages";
import { shortExit, unmarked } from "../parts/names";
import { findKey, makeKey, ownKey, signVoice } from "../state/officerKey";
import { send } from "../state/outbox";
import { incident, lookAt, may, me, picture, role, statements } from "../state/store";
import { clock, left, minute, nowMs, span } from "../state/time";

export function Head(): JSX.Element {
  const shown = picture.value;
  if (shown === null) return <div class="sec"><p class="say">{t.noCase}</p></div>;
  return (
    <>
      <section class="asked scrolls" tabIndex={0}><Decisions shown={shown} /></section>
      <section class="facts scrolls" tabIndex={0}><Facts shown={shown} /></section>
    </>
  );
}

/** Decisions that wait for the role that is acted in, the soonest first. */
export function mine(shown: Picture): Decision[] {
  return [...shown.incident.decisions]
    .filter((one) => one.taken_by.includes(role.value))
    .sort((a, b) => (a.due ?? "9").localeCompare(b.due ?? "9"));
}

export function Decisions({ shown }: { shown: Picture }): JSX.Element {
  const asked = mine(shown);
  return (
    <>
      <h2>{asked.length ? t.askedOfYou(asked.length) : t.nothingAsked}</h2>
      {asked.map((one, index) => <Card key={one.decision} one={one} number={index + 1} />)}
    </>
  );
}

function Card({ one, number }: { one: Decision; number: number }): JSX.Element {
  const why = useSignal("");
  const mineSaid = one.voices.find(([person]) => person === me.value?.name || person === me.value?.display);
  const say = async (outcome: string): Promise<void> => {
    const body = { decision: one.decision, outcome, reason: why.value };
    const signature = await signVoice(incident.value ?? "", role.value, body);
    await send(incident.value, "decision.voice", { ...body, signature }, `${one.title}: ${outcome}`, role.value);
  };
  const mayNot = one.signed && ownKey.value === null;
  return (
    <article class="card decision">
      <div class="hd"><p class="say"><span class="boxno">{number}</span>{one.title}</p>{one.due !== null && <span class="count">{left(one.due, nowMs.value)}</span>}</div>
      <p>{one.persons > 1 && <>{t.agreeBy(one.persons)}. </>}{one.voices.length > 0 && t.voicesSoFar(one.voices.map(([person, , outcome]) => `${person} ${outcome}`).join(", "))}</p>
      <p>{one.due === null ? <span class="q">{t.noClock}</span> : <><b>{t.answerUntil(minute(one.due))}</b> <span class="q">{t.noAnswer}</span></>}</p>
      {mineSaid !== undefined && <p class="q">{t.youDecided}: <b>{mineSaid[2]}</b></p>}
      {lookAt.value === null && may("decision.voice") && (
        <>
          {one.signed && <OwnKey />}
          <div class="btns even">{one.outcomes.map((outcome) => <button type="button" class="btn touch" key={outcome} disabled={mayNot} onClick={() => void say(outcome)}>{t.outcomeOf(outcome)}</button>)}</div>
          <label class="q">{t.reason}<input value={why.value} maxLength={2000} onInput={(event) => (why.value = event.currentTarget.value)} /></label>
        </>
      )}
    </article>
  );
}

/** The key by which the decision is signed; without one, how to make it here. */
function OwnKey(): JSX.Element {
  const refused = useSignal("");
  const make = async (): Promise<void> => {
    refused.value = await makeKey(t.makeKey, role.value).catch((error: unknown) => String(error));
  };
  useEffect(() => void findKey(), [me.value?.signing_key]);
  if (ownKey.value !== null) return <p class="q">{t.signedByYou}</p>;
  if (me.value?.signing_key) return <p class="amb">{t.keyElsewhere}</p>;
  return (
    <>
      <p>{t.mustSign}</p>
      {refused.value && <p class="amb" role="alert">{refused.value}</p>}
      <div class="btns"><button type="button" class="btn" onClick={() => void make()}>{t.makeKey}</button></div>
    </>
  );
}

export function Facts({ shown }: { shown: Picture }): JSX.Element {
  const now = nowMs.value;
  const seen = (shown.sightings ?? []).filter((one) => one.confirmed && !one.retracted && !one.nothing_seen).at(-1);
  const shut = shown.seals.filter((one) => one.state === "closed").length;
  const late = shown.seals.filter((one) => one.state === "late").length;
  const open = shown.ways.filter((one) => one.still_open);
  const told = shown.verdict;
  return (
    <>
      <section><h2>{t.whatHappened}</h2>
        <p>{shown.alarm === null ? shown.incident.title : t.alarmLine(unmarked(shown.alarm.what), shown.alarm.place, `${t.alarmVehicle}: ${shown.alarm.vehicle}`)}{" "}
          {seen === undefined ? t.notSeen : t.lastSeen(minute(seen.seen), unmarked(seen.place))}{" "}
          {shown.incident.began !== null && t.alarmAgo(shown.incident.phase, span(now - Date.parse(shown.incident.began)))}</p></section>
      <section><h2>{t.sealedHead}</h2>
        <p><b>{t.roadsClosed(shut)}</b>{late > 0 && t.lateRoads(late)}. {told !== null && t.exitsShut(told.exits - told.ways, told.exits)}</p></section>
      <section><h2>{t.openHead}</h2>
        {open.length === 0 ? <p>{shown.plan === null ? t.noPlanLine : t.noneOpen}</p> : (
          <p class="red">{t.waysOpenNames(told?.ways ?? open.length, counted(open.map((one) => shortExit(one.exit))))}. {told?.opens && Date.parse(told.opens) > now && t.firstOpens(minute(told.opens), left(told.opens, now))}</p>
        )}
        {told?.order_by && Date.parse(told.order_by) > now && <p>{t.planWaits(clock(told.order_by))}</p>}</section>
      <section><h2>{t.saidInPublic}</h2>
        {(statements.value ?? []).filter((one) => one.public_text).map((one) => <p key={one.statement}>{t.released(minute(one.released))}: {one.public_text}</p>)}
        {(statements.value ?? []).every((one) => !one.public_text) && <p>{t.nothingSaidYet}</p>}</section>
    </>
  );
}

/** Names in a line, those that are there several times once, with how often. */
function counted(names: string[]): string {
  return [...new Set(names)].map((one) => {
    const times = names.filter((other) => other === one).length;
    return times > 1 ? `${one} (${times})` : one;
  }).join(", ");
}
