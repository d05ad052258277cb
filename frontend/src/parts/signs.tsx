// The signs of the page, one function for each: shape and word carry what colour repeats.
import type { JSX } from "preact";
import type { Seal } from "../api/types";

export interface SealSign {
  number: number;
  look: "closed" | "way" | "late" | "proposed" | "gone" | "old" | "planned";
  /** Letters of the other side; empty for our own. */
  tab: string;
}

const HALF = 11;

/** Half the width of a sign's body: a number of two digits has room, too. */
function half(sign: SealSign): number {
  return sign.number > 9 ? HALF + 3 : HALF;
}

/** A sign's width in pixels, its tab included; signs are set apart by it. */
export function signWidth(sign: SealSign): number {
  const body = 2 * half(sign);
  return sign.tab ? body + tabWidth(sign) : sign.look === "late" ? 30 : body + 2;
}

function tabWidth(sign: SealSign): number {
  return 7 + (sign.tab.length + (sign.look === "old" ? 1 : 0)) * 8;
}

/** A seal as it stands, around its own middle. */
export function SealMark({ sign }: { sign: SealSign }): JSX.Element {
  return (
    <g class={`sign sign-${sign.look}`}>
      <Body sign={sign} />
      {sign.tab && <Tab sign={sign} />}
    </g>
  );
}

function Body({ sign }: { sign: SealSign }): JSX.Element {
  const text = (
    <text class="sign-no" text-anchor="middle" y={sign.look === "late" ? 8.5 : 5}>
      {sign.number || "·"}
    </text>
  );
  if (sign.look === "late") {
    return (
      <>
        <path class="sign-body" d="M0 -13L15.5 13H-15.5Z" />
        {text}
      </>
    );
  }
  if (sign.look === "way" || sign.look === "planned") {
    return (
      <>
        <rect class="sign-body" x={-half(sign)} y={-HALF} width={2 * half(sign)} height={2 * HALF} rx={HALF} />
        {text}
      </>
    );
  }
  return (
    <>
      <rect class="sign-body" x={-half(sign)} y={-HALF} width={2 * half(sign)} height={2 * HALF} />
      {text}
      {sign.look === "gone" && <path class="sign-strike" d="M-11 11L11 -11" />}
    </>
  );
}

function Tab({ sign }: { sign: SealSign }): JSX.Element {
  const width = tabWidth(sign);
  return (
    <>
      <rect class="sign-tab" x={half(sign)} y={-10} width={width} height={20} />
      <text class="sign-tab-text" text-anchor="middle" x={half(sign) + width / 2} y={5}>
        {sign.tab}
        {sign.look === "old" ? "?" : ""}
      </text>
    </>
  );
}

/** Which sign a seal has. */
export function signOf(seal: Seal, tab: string, stale: boolean): SealSign {
  const look =
    seal.theirs && (stale || seal.unreported) ? "old"
    : seal.state === "closed" ? "closed"
    : seal.state === "late" || seal.state === "open" ? "late"
    : seal.state === "planned" ? "planned"
    : "way";
  return { number: seal.number, look, tab: seal.theirs ? tab : "" };
}

/** A sign in a line of text or a cell of a table. */
export function SealIcon({ sign }: { sign: SealSign }): JSX.Element {
  const left = sign.look === "late" ? 16 : half(sign) + 2;
  const width = left - half(sign) + signWidth(sign) + 2;
  return (
    <svg class="icon" width={width} height={28} viewBox={`-${left} -14 ${width} 28`} aria-hidden="true">
      <SealMark sign={sign} />
    </svg>
  );
}

export function CrossIcon({ size = 30 }: { size?: number }): JSX.Element {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 30 30" aria-hidden="true">
      <path d="M4 4L26 26M26 4L4 26" stroke="currentColor" stroke-width="6" fill="none" />
    </svg>
  );
}

export function SquareIcon({ size = 30 }: { size?: number }): JSX.Element {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 30 30" aria-hidden="true">
      <rect x="3" y="3" width="24" height="24" fill="currentColor" />
    </svg>
  );
}

export function QuestionIcon({ size = 30 }: { size?: number }): JSX.Element {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 30 30" aria-hidden="true">
      <rect x="2.5" y="2.5" width="25" height="25" fill="none" stroke="currentColor" stroke-width="2.5" stroke-dasharray="5 3" />
      <text x="15" y="22" font-size="20" font-weight="700" text-anchor="middle" fill="currentColor">?</text>
    </svg>
  );
}

export function WarnIcon({ size = 18 }: { size?: number }): JSX.Element {
  return (
    <svg class="icon warn" width={size} height={size} viewBox="0 0 20 20" aria-hidden="true">
      <path class="warn-body" d="M10 1.5L19 18H1Z" />
      <text class="warn-text" x="10" y="16" font-size="13" font-weight="700" text-anchor="middle">!</text>
    </svg>
  );
}

export function DotIcon(): JSX.Element {
  return (
    <svg class="icon" width="14" height="14" aria-hidden="true">
      <circle cx="7" cy="7" r="6" fill="currentColor" />
    </svg>
  );
}

export function CutIcon(): JSX.Element {
  return (
    <svg class="icon" width="22" height="16" aria-hidden="true">
      <path d="M0 8H6M16 8H22M8 2L14 14M14 2L8 14" stroke="currentColor" stroke-width="2.5" fill="none" />
    </svg>
  );
}

/** A way out in a list: red plate, cross and letter. */
export function WayIcon({ letter }: { letter: string }): JSX.Element {
  return (
    <span class="plate">
      <CrossIcon size={14} /> {letter}
    </span>
  );
}

export function UnitIcon({ look }: { look: "free" | "used" | "old" }): JSX.Element {
  return (
    <svg class={`icon unit-${look}`} width="16" height="16" viewBox="-8 -8 16 16" aria-hidden="true">
      <path d="M0 -6.5L6.5 0L0 6.5L-6.5 0Z" />
    </svg>
  );
}

export function SeenMark({ confirmed }: { confirmed: boolean }): JSX.Element {
  return (
    <g class="seen">
      <circle class="seen-case" r="13" />
      <circle class="seen-ring" r="10" stroke-dasharray={confirmed ? undefined : "3 3"} />
      {confirmed && <circle class="seen-dot" r="4" />}
    </g>
  );
}

export function CameraIcon({ blind }: { blind: boolean }): JSX.Element {
  return (
    <svg class={`icon camera-${blind ? "blind" : "sees"}`} width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
      <path d={`M2 6H12V14H2ZM12 10L18 5.5V14.5Z${blind ? "M3 18L17 2" : ""}`} />
    </svg>
  );
}
