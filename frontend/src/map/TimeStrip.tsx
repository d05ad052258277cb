// Seven minutes back and eight ahead, with what was and what will be; dragging it looks back.
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import type { Picture } from "../api/types";
import { t } from "../messages";
import { live, look, lookAt, picture } from "../state/store";
import { clock, minute, nodeNow, nowMs } from "../state/time";

const BACK_MS = 7 * 60_000;
const AHEAD_MS = 8 * 60_000;
const WIDTH = 814;
const EDGE = 14;
const BASE = 45;

interface Mark {
  at: number;
  text: string;
  look: "plain" | "seen" | "late" | "open" | "due";
}

export function TimeStrip(): JSX.Element {
  const box = useRef<SVGSVGElement>(null);
  const shown = picture.value;
  const now = lookAt.value === null ? nowMs.value : nodeNow();
  const middle = lookAt.value === null || now - lookAt.value < BACK_MS - 30_000 ? now : lookAt.value;
  const from = middle - BACK_MS;
  const x = (at: number): number => EDGE + ((at - from) / (BACK_MS + AHEAD_MS)) * (WIDTH - 2 * EDGE);
  const marks = shown === null ? [] : placed(marksOf(shown, live.value), x, x(lookAt.value ?? now));
  const seek = (event: PointerEvent): void => {
    const rect = box.current?.getBoundingClientRect();
    if (rect === undefined || event.buttons === 0) return;
    const part = ((event.clientX - rect.left) / rect.width) * WIDTH;
    const at = from + ((part - EDGE) / (WIDTH - 2 * EDGE)) * (BACK_MS + AHEAD_MS);
    void look(at >= now - 2000 ? null : at);
  };
  const key = (event: KeyboardEvent): void => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    const step = (event.shiftKey ? 60 : 5) * 1000 * (event.key === "ArrowLeft" ? -1 : 1);
    const at = (lookAt.value ?? now) + step;
    void look(at >= now ? null : at);
  };
  const cursor = x(lookAt.value ?? now);
  return (
    <div
      class="strip" role="slider" tabIndex={0} aria-label={t.stripLabel} aria-valuemin={0} aria-valuemax={BACK_MS / 1000}
      aria-valuenow={Math.round((now - (lookAt.value ?? now)) / 1000)}
      aria-valuetext={lookAt.value === null ? t.live : clock(lookAt.value)} onKeyDown={key}
    >
      <svg ref={box} viewBox={`0 0 ${WIDTH} 62`} preserveAspectRatio="none" onPointerDown={seek} onPointerMove={seek}>
        <rect class="strip-past" x="0" y="0" width={Math.max(0, x(now))} height="62" />
        <line class="strip-axis" x1={EDGE} x2={WIDTH - EDGE} y1={BASE} y2={BASE} />
        {minutes(from).map((at) => (
          <g key={at}>
            <line class="strip-tick" x1={x(at)} x2={x(at)} y1={BASE} y2={BASE - (at % 300_000 ? 4 : 7)} />
            {at % 300_000 === 0 && <text class="strip-time" x={x(at)} y={58} text-anchor="middle">{minute(at)}</text>}
          </g>
        ))}
        {marks.map((one) => (
          <g key={`${one.text}-${one.at}`} class={`mark mark-${one.look}`} transform={`translate(${x(one.at).toFixed(1)} 0)`}>
            <MarkShape look={one.look} />
            {one.shown && <text x="0" y={one.row === 0 ? 33 : 16} text-anchor={one.anchor}>{one.text}</text>}
          </g>
        ))}
        <line class="strip-now" x1={cursor} x2={cursor} y1="0" y2={BASE + 2} />
        <g transform={`translate(${cursor.toFixed(1)} 10)`} class={lookAt.value === null ? "strip-live" : "strip-live strip-then"}>
          <rect x={lookAt.value === null ? -23 : -34} y="-10" width={lookAt.value === null ? 46 : 68} height="20" />
          <text y="5" text-anchor="middle">{lookAt.value === null ? t.live : clock(lookAt.value)}</text>
        </g>
      </svg>
    </div>
  );
}

function MarkShape({ look: shape }: { look: Mark["look"] }): JSX.Element {
  if (shape === "seen") return <circle class="mark-body" cx="0" cy={BASE - 3} r="5" />;
  if (shape === "late") return <path class="mark-body" d={`M0 ${BASE - 9}L5.5 ${BASE}H-5.5Z`} />;
  if (shape === "open") return <path class="mark-body" d={`M-4 ${BASE - 8}l8 8m0 -8l-8 8`} />;
  return <line class="mark-body" x1="0" x2="0" y1={BASE - (shape === "due" ? 18 : 9)} y2={BASE + 2} />;
}

function marksOf(shown: Picture, now: Picture | null): Mark[] {
  const found: Mark[] = [];
  const add = (at: string | null | undefined, text: string, shape: Mark["look"]): void => {
    if (at) found.push({ at: Date.parse(at), text, look: shape });
  };
  add(shown.incident.began, t.alarm, "plain");
  for (const one of shown.sightings ?? []) if (!one.retracted && !one.nothing_seen) add(one.seen, t.seen, "seen");
  if (shown.plan !== null) add(shown.plan.adopted, t.planNo(shown.plan.number), "plain");
  for (const seal of shown.seals) if (seal.state === "late") add(seal.arrival ?? seal.deadline, String(seal.number), "late");
  if (shown.line.up === false) add(shown.line.since, t.lineDownShort, "late");
  add(shown.offer?.order_by, t.orderByShort, "due");
  for (const way of shown.ways) if (way.still_open) add(way.earliest, way.letter, "open");
  void now;
  return found.sort((a, b) => a.at - b.at);
}

/** Where texts stand so that none lies on another: two rows, and neighbours of one look join. */
function placed(marks: Mark[], x: (at: number) => number, cursor: number): (Mark & { shown: boolean; row: number; anchor: "start" | "middle" | "end" })[] {
  const ends = [-1e9, -1e9];
  const joined = joinOpen(marks, x);
  return joined.filter((one) => x(one.at) >= EDGE - 2 && x(one.at) <= WIDTH - EDGE + 2).map((one) => {
    const at = x(one.at);
    const half = one.text.length * 3.6 + 4;
    const anchor = at < 60 ? "start" as const : at > WIDTH - 60 ? "end" as const : "middle" as const;
    const begin = anchor === "start" ? at : anchor === "end" ? at - 2 * half : at - half;
    const row = begin > (ends[0] ?? 0) ? 0 : 1;
    // The upper row keeps off the word at the cursor.
    const hidden = row === 1 && begin < cursor + 38 && begin + 2 * half > cursor - 38;
    const shown = one.text !== "" && begin > (ends[row] ?? 0) && !hidden;
    if (shown) ends[row] = begin + 2 * half;
    return { ...one, shown, row, anchor };
  });
}

function joinOpen(marks: Mark[], x: (at: number) => number): Mark[] {
  const found: Mark[] = [];
  let last: Mark | null = null;
  for (const one of marks) {
    if (one.look === "open" && last !== null && x(one.at) - x(last.at) < 24) {
      last.text += ` ${one.text}`;
      found.push({ ...one, text: "" });
      continue;
    }
    const copy = { ...one };
    if (one.look === "open") last = copy;
    found.push(copy);
  }
  return found.map((one) => (one.look === "open" && one.text ? { ...one, text: t.waysOpen(one.text) } : one));
}

function minutes(from: number): number[] {
  const found: number[] = [];
  for (let at = Math.ceil(from / 60_000) * 60_000; at <= from + BACK_MS + AHEAD_MS; at += 60_000) found.push(at);
  return found;
}
