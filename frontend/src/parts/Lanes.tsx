// The lanes of a case over time, with one cursor: phases and what was missed, what the other side
// said, the line, how much was closed, and when ways were open.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Course } from "../api/types";
import { t } from "../messages";
import { look, lookAt, picture } from "../state/store";
import { clock, minute, ms_of, nodeNow, span } from "../state/time";

const FASTER = 10;
const LANE = 30;
const STEP = 20; // height of the lane of closed roads

export function Lanes({ told }: { told: Course }): JSX.Element {
  const begin = Math.ceil(ms_of(told.begins) / 1000) * 1000; // the first second that knew of it
  const end = Math.max(begin + 60_000, told.ends === null ? nodeNow() : ms_of(told.ends));
  const playing = useSignal(false);
  const at = Math.min(end, lookAt.value ?? end);
  useEffect(() => {
    if (!playing.value) return undefined;
    const timer = window.setInterval(() => {
      const next = (lookAt.peek() ?? begin) + FASTER * 1000;
      if (next >= end) playing.value = false;
      void look(Math.min(end, next));
    }, 1000);
    return () => window.clearInterval(timer);
  }, [playing.value]);
  const moments = told.moments.map(ms_of);
  const toFact = (ahead: boolean): void => {
    const from = lookAt.peek() ?? end; // not what was drawn last: keys may be quicker
    const found = ahead ? moments.find((one) => one > from + 500) : moments.findLast((one) => one < from - 500);
    void look(found ?? (ahead ? end : begin));
  };
  const key = (event: KeyboardEvent): void => {
    if (event.key === " ") playing.value = !playing.value;
    else if (event.shiftKey && event.key === "ArrowRight") toFact(true);
    else if (event.shiftKey && event.key === "ArrowLeft") toFact(false);
    else return;
    event.preventDefault();
  };
  return (
    <section class="lanes" aria-label={t.review}>
      <div class="lanehead">
        <button type="button" class="btn" onClick={() => (playing.value = !playing.value)}>{playing.value ? t.pause : t.play}</button>
        <button type="button" class="btn" onClick={() => toFact(false)} aria-label={t.factBefore}>←</button>
        <b class="moment">{clock(at)}</b>
        <button type="button" class="btn" onClick={() => toFact(true)} aria-label={t.factAfter}>→</button>
        <span class="q">{t.reviewHint}</span>
      </div>
      <div class="lane"><span>{t.moment}</span>
        <input type="range" min={begin} max={end} step={1000} value={at} aria-label={t.slider} aria-valuetext={clock(at)} onKeyDown={key} onInput={(event) => void look(Number(event.currentTarget.value))} /></div>
      <Drawing told={told} begin={begin} end={end} at={at} />
    </section>
  );
}

/** All lanes; what they say stands in the titles of their parts, too. */
function Drawing({ told, begin, end, at }: { told: Course; begin: number; end: number; at: number }): JSX.Element {
  const place = useRef<SVGSVGElement>(null);
  const x = (moment: string | number | null): string => {
    const ms = moment === null ? end : Math.min(end, Math.max(begin, ms_of(moment)));
    return `${(((ms - begin) / (end - begin)) * 100).toFixed(3)}%`;
  };
  const wide = (a: string, b: string | null): string => `${Math.max(0.15, Number.parseFloat(x(b)) - Number.parseFloat(x(a)))}%`;
  const seek = (event: PointerEvent): void => {
    const box = place.current?.getBoundingClientRect();
    if (box === undefined || event.buttons === 0) return;
    void look(begin + Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * (end - begin));
  };
  const shown = picture.value;
  const most = Math.max(1, ...told.closed.map((one) => one.ours + one.theirs));
  const downFor = (one: { begins: string; ends: string | null }): string =>
    t.lineDownFor(span((one.ends === null ? end : ms_of(one.ends)) - ms_of(one.begins)));
  const level = (n: number): number => 3 * LANE - 6 - (n / most) * STEP;
  return (
    <>
      <div class="lane drawn">
        <span class="names"><span>{shown?.us.name}</span><span>{shown?.them.name}</span><span>{t.closedLane(told.closed.at(-1) === undefined ? 0 : most)}</span></span>
        <svg ref={place} height={3 * LANE + 20} onPointerDown={seek} onPointerMove={seek} role="img" aria-label={t.lanesLabel}>
          {told.phases.map((one) => (
            <svg key={one.begins} x={x(one.begins)} width={wide(one.begins, one.ends)} y="2" height={LANE - 12}>
              <rect class="lane-phase" width="100%" height="100%" />{wordFits(one.phase, wide(one.begins, one.ends)) && <text x="5" y="14">{one.phase}</text>}<title>{`${clock(one.begins)} ${one.title}`}</title>
            </svg>
          ))}
          {told.missed.map((one) => <svg key={`${one.at}${one.text}`} x={x(one.at)} overflow="visible"><path class="lane-missed" d={`M0 ${LANE - 9}l4.5 8h-9Z`}><title>{`${clock(one.at)} ${t.missed(one.text)}`}</title></path></svg>)}
          {told.heard.map((one) => <svg key={`${one.at}${one.text}`} x={x(one.at)} overflow="visible"><circle class="lane-heard" cx="0" cy={1.5 * LANE} r="4.5"><title>{`${clock(one.at)} ${one.text}`}</title></circle></svg>)}
          <line class="lane-axis" x1="0" x2="100%" y1={1.5 * LANE} y2={1.5 * LANE} />
          {told.line_down.map((one) => (
            <svg key={one.begins} x={x(one.begins)} width={wide(one.begins, one.ends)} y={LANE + 3} height={LANE - 6} overflow="visible">
              <rect class="lane-down" width="100%" height="100%" />{wordFits(downFor(one), wide(one.begins, one.ends)) && <text class="amb" x="4" y="16">{downFor(one)}</text>}<title>{`${clock(one.begins)} ${downFor(one)}`}</title>
            </svg>
          ))}
          {told.leaks.map((one) => (
            <svg key={one.begins} x={x(one.begins)} width={wide(one.begins, one.ends)} y={2 * LANE + 1} height={LANE - 4} overflow="visible">
              <rect class="lane-leak" width="100%" height="100%" /><text class="red" x="4" y="13">{t.openFor(one.ways)}</text><title>{`${clock(one.begins)}–${clock(one.ends)}`}</title>
            </svg>
          ))}
          {told.closed.map((one, index) => {
            const after = told.closed[index + 1];
            const high = level(one.ours + one.theirs);
            return (
              <g key={one.at}>
                <line class="lane-closed" x1={x(one.at)} x2={x(after?.at ?? null)} y1={high} y2={high}><title>{`${clock(one.at)} ${t.closedThen(one.ours, one.theirs)}`}</title></line>
                {after !== undefined && <line class="lane-closed" x1={x(after.at)} x2={x(after.at)} y1={high} y2={level(after.ours + after.theirs)} />}
              </g>
            );
          })}
          {ticks(begin, end).map((one) => <text key={one} class="lane-time" x={x(one)} y={3 * LANE + 14} text-anchor="middle">{minute(one)}</text>)}
          <line class="lane-now" x1={x(at)} x2={x(at)} y1="0" y2={3 * LANE} />
        </svg>
      </div>
    </>
  );
}

/** A word that does not fit its part of a lane is left out: its title says it. */
function wordFits(word: string, width: string): boolean {
  return (Number.parseFloat(width) / 100) * Math.max(200, window.innerWidth - 150) > word.length * 9 + 8;
}

/** Full minutes to write below, at most ten. */
function ticks(begin: number, end: number): number[] {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 240, 720].map((one) => one * 60_000);
  const step = steps.find((one) => (end - begin) / one <= 10) ?? 86_400_000;
  const found = [];
  const margin = (end - begin) * 0.02;
  for (let one = Math.ceil((begin + margin) / step) * step; one <= end - margin; one += step) found.push(one);
  return found;
}
