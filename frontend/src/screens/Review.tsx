// Looking back over the whole case: one slider moves map, board, thread and what was known then.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../messages";
import { SealsPart, Talk } from "../parts/SideList";
import { go } from "../state/route";
import { live, look, lookAt, picture, reads } from "../state/store";
import { clock, ms_of, nodeNow, span } from "../state/time";

const LATE_MS = 60_000;

export function Review(): JSX.Element {
  const now = live.value;
  const begin = now === null ? 0 : Date.parse(now.incident.began ?? now.incident.opened) - 60_000;
  const end = now === null ? 1 : Math.max(begin + 1000, lastMoment());
  useEffect(() => {
    if (now !== null && lookAt.peek() === null) void look(end);
  }, [now === null]);
  useEffect(() => () => void look(null), []);
  const shown = picture.value;
  return (
    <>
      <aside class="side scrolls" tabIndex={0}>
        {shown !== null && <><Known /><SealsPart shown={shown} /><section class="sec"><Talk shown={shown} /></section></>}
        <section class="sec"><div class="btns wrap">
          {reads("journal") && <button type="button" class="btn" onClick={() => go("journal")}>{t.proofOf}</button>}
          <button type="button" class="btn" onClick={() => go("situation")}>{t.situationThen}</button>
        </div></section>
      </aside>
      <Slider begin={begin} end={end} />
    </>
  );
}

/** The last moment of the case: now while it runs, else when the last fact of it is known. */
function lastMoment(): number {
  return nodeNow();
}

/** What was known at the moment, and what was true already and known only later. */
function Known(): JSX.Element {
  const at = lookAt.value ?? nodeNow();
  const all = live.value?.sightings ?? [];
  const known = all.filter((one) => ms_of(one.noted) <= at).slice(-4);
  const later = all.filter((one) => ms_of(one.seen) <= at && ms_of(one.noted) > at);
  const lateSeals = (live.value?.seals ?? []).filter((one) => one.since !== null && one.state === "closed" && ms_of(one.since) <= at && ms_of(one.since) > at - LATE_MS);
  return (
    <section class="sec" aria-label={t.knownAt(clock(at))}>
      <div class="hd"><h2>{t.knownAt(clock(at))}</h2><span class="r">{picture.value?.us.name}</span></div>
      <table><thead><tr><th>{t.trueAt}</th><th>{t.what}</th><th class="n">{t.knownHead}</th></tr></thead><tbody>
        {known.map((one) => <tr key={one.sighting}><td class="q">{clock(one.seen)}</td><td class="cy"><span class="clip wide">{t.seen} {one.place}, {one.confirmed ? t.confirmed : t.unconfirmed}</span></td><td class="n">{clock(one.noted)}</td></tr>)}
        {lateSeals.map((one) => <tr key={one.site}><td class="q">{clock(one.since)}</td><td>{one.number} {t.stateOf("closed")}, {one.road}</td><td class="n">{clock(one.since)}</td></tr>)}
      </tbody></table>
      {later.length > 0 && (
        <>
          <h2>{t.notKnownYet}</h2>
          <table><tbody>{later.map((one) => <tr key={one.sighting}><td class="q">{clock(one.seen)}</td><td class="cy"><span class="clip wide">{t.seen} {one.place}; {t.lateKnown(span(ms_of(one.noted) - ms_of(one.seen)))}</span></td><td class="n">{clock(one.noted)}</td></tr>)}</tbody></table>
        </>
      )}
    </section>
  );
}

function Slider({ begin, end }: { begin: number; end: number }): JSX.Element {
  const playing = useSignal(false);
  const timer = useRef<number | null>(null);
  const at = lookAt.value ?? end;
  useEffect(() => {
    if (!playing.value) return undefined;
    timer.current = window.setInterval(() => {
      const next = (lookAt.peek() ?? begin) + 10_000;
      if (next >= end) playing.value = false;
      void look(Math.min(end, next));
    }, 1000);
    return () => window.clearInterval(timer.current ?? 0);
  }, [playing.value]);
  const key = (event: KeyboardEvent): void => {
    if (event.key === " ") playing.value = !playing.value;
    else if (event.shiftKey && (event.key === "ArrowRight" || event.key === "ArrowLeft")) void look(nextFact(at, event.key === "ArrowRight", begin, end));
    else return;
    event.preventDefault();
  };
  const now = live.value;
  const marks = now === null ? [] : [
    ...(now.sightings ?? []).map((one) => ({ at: ms_of(one.noted), look: "seen" })),
    ...now.seals.flatMap((one) => (one.since === null ? [] : [{ at: ms_of(one.since), look: one.state === "late" ? "late" : "plain" }])),
  ].filter((one) => one.at >= begin && one.at <= end);
  return (
    <section class="slider" aria-label={t.review}>
      <button type="button" class="btn" onClick={() => (playing.value = !playing.value)}>{playing.value ? t.pause : t.play}</button>
      <div class="track">
        <input type="range" min={begin} max={end} step={1000} value={at} aria-label={t.slider} aria-valuetext={clock(at)} onKeyDown={key} onInput={(event) => void look(Number(event.currentTarget.value))} />
        <svg viewBox="0 0 1000 14" preserveAspectRatio="none" aria-hidden="true">{marks.map((one) => <rect key={`${one.at}${one.look}`} class={`tick-${one.look}`} x={((one.at - begin) / (end - begin)) * 1000} y="0" width="2" height="14" />)}</svg>
        <div class="hd"><span>{clock(begin)}</span><b>{clock(at)}</b><span>{clock(end)}</span></div>
      </div>
    </section>
  );
}

function nextFact(at: number, ahead: boolean, begin: number, end: number): number {
  const now = live.value;
  const moments = now === null ? [] : [
    ...(now.sightings ?? []).map((one) => ms_of(one.noted)),
    ...now.seals.flatMap((one) => (one.since === null ? [] : [ms_of(one.since)])),
    ...(now.plan?.adopted ? [ms_of(now.plan.adopted)] : []),
  ].sort((a, b) => a - b);
  const found = ahead ? moments.find((one) => one > at + 500) : moments.findLast((one) => one < at - 500);
  return Math.min(end, Math.max(begin, found ?? (ahead ? end : begin)));
}
