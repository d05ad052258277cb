// The plan in force beside the new plan: the same rows, and only what differs is marked. One
// confirmation adopts it and sends its orders.
import { type Signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { Offer, OfferSeal, Picture, Seal } from "../api/types";
import { confirmation } from "../keys";
import { t } from "../messages";
import { verdictWord } from "../parts/Bar";
import { marginOf, SealsPart, stateText } from "../parts/SideList";
import { isLong, roadAt } from "../parts/names";
import { walk } from "../parts/rows";
import { SealIcon, signOf, WayIcon } from "../parts/signs";
import { adoptAndIssue, propose } from "../state/planning";
import { go } from "../state/route";
import { live, may } from "../state/store";
import { clock, left, localTimes, ms_of, nowMs, signed, span } from "../state/time";

export function Plan(): JSX.Element {
  const shown = live.value;
  // The node takes an offer back when things change; why one could not be sent is said all the same.
  const why = useSignal("");
  const seen = useSignal("");
  // While it is sent, the node may tell that it has it before it answers: the page stays as it is.
  const sent = useSignal<Offer | null>(null);
  const offer = sent.value ?? shown?.offer;
  return (
    <>
      <section class="beside" aria-label={t.planBeside}>
        {shown === null || !offer?.offer ? <NoOffer why={why} /> : <Beside shown={shown} offer={offer} why={why} seen={seen} sent={sent} />}
      </section>
    </>
  );
}

function NoOffer({ why }: { why: Signal<string> }): JSX.Element {
  const busy = useSignal(false);
  const waited = useSignal(0); // by the clock of this machine: an exercise's stands meanwhile
  const offer = live.value?.offer;
  const ask = async (): Promise<void> => {
    busy.value = true;
    const began = Date.now();
    waited.value = 0;
    const timer = setInterval(() => (waited.value = Date.now() - began), 1000);
    why.value = await propose();
    clearInterval(timer);
    busy.value = false;
  };
  return (
    <>
    <div class="sec">
      <p class="say">{t.noOffer}</p>
      <p class="q">{localTimes(offer?.sentence ?? "") || t.noOfferLine}</p>
      <NoLeave />
      {why.value && <p class="amb" role="alert">{why.value}</p>}
      <div class="btns">
        {may("plan.propose") && <button type="button" class="btn first" disabled={busy.value} onClick={() => void ask()}>{busy.value ? `${t.proposing} ${span(waited.value)}` : t.proposePlan}</button>}
        <button type="button" class="btn" onClick={() => go("home")}><kbd>Esc</kbd> {t.back}</button>
      </div>
    </div>
    {live.value !== null && live.value.plan !== null && <SealsPart shown={live.value} />}
    </>
  );
}

/** What the agreed protocol asks for before orders go, said before somebody tries. */
export function NoLeave(): JSX.Element | null {
  const leave = live.value?.leave ?? null;
  const either = (names: string[]): string => names.join(` ${t.or} `);
  return leave === null ? null : <p class="amb">{t.noLeave(either(leave.phases), either(leave.decisions))}</p>;
}

const OLD_MS = 60_000;

interface Sending {
  shown: Picture;
  offer: Offer;
  /** Why it was not sent. */
  why: Signal<string>;
  /** The offer that somebody has had before them. */
  seen: Signal<string>;
  /** The offer that is on its way. */
  sent: Signal<Offer | null>;
}

function Beside({ shown, offer, why, seen, sent }: Sending): JSX.Element {
  const seals = new Map(shown.seals.map((one) => [one.site, one]));
  const busy = useSignal(false);
  const reason = useSignal("");
  useEffect(() => {
    if (!seen.value) seen.value = offer.offer;
  }, []);
  const confirm = async (): Promise<void> => {
    if (busy.value || !may("plan.adopt")) return;
    if (seen.value !== offer.offer) {
      seen.value = offer.offer;
      why.value = t.changedMeanwhile;
      return;
    }
    busy.value = true;
    sent.value = offer;
    why.value = await adoptAndIssue(offer, shown, reason.value.trim());
    if (!why.value) go("home");
    sent.value = null;
    busy.value = false;
  };
  const anew = async (): Promise<void> => {
    busy.value = true;
    why.value = await propose();
    seen.value = live.value?.offer?.offer ?? "";
    busy.value = false;
  };
  useEffect(() => {
    confirmation.run = () => void confirm();
    return () => (confirmation.run = null);
  });
  const rows = ordered(shown, offer);
  const waited = offer.made === null ? 0 : Math.max(0, nowMs.value - ms_of(offer.made));
  const word = verdictWord(shown, nowMs.value, false);
  return (
    <>
      <div class="sec grow scrolls" tabIndex={0}>
        <div class="hd"><h2>{t.planBeside}</h2><span class={`r clip${isLong(offer.note, 70)}`} title={localTimes(offer.note)}>{waited > OLD_MS && <b class="amb">{t.plannedAgo(span(waited))} </b>}{localTimes(offer.note)}</span></div>
        <table class={`besidetable${shown.seals.length ? "" : " alone"}`} onKeyDown={walk}>
          <thead>
            <tr><th colSpan={2} /><th colSpan={3} class={`sep big${word.look === "open" ? " red" : ""}`}>{word.word}</th><th colSpan={4} class="sep big">{sentenceWord(offer)}</th></tr>
            <tr>
              <th>{t.no}</th><th>{t.road}</th><th class="sep">{t.inForce}</th><th>{t.state}</th><th class="n">{t.margin}</th>
              <th class="sep">{t.newPlan}</th><th>{t.ifOrdered}</th><th class="n">{t.margin}</th><th class="n">{t.orderIn}</th>
            </tr>
          </thead>
          <tbody>{rows.map((one) => <Row key={one.site} row={one} now={seals.get(one.site)} shown={shown} waited={waited} />)}</tbody>
        </table>
      </div>
      <div class="sec confirm">
        <div>
          <NoLeave />
          <p class="say">{t.thisSends(offer.orders, offer.requests, offer.withdrawn)}</p>
          <p class="q">{inWords(offer, shown)}</p>
          {offer.rests_on && <p class="q rests" title={offer.rests_on}>{offer.rests_on}</p>}
          {why.value && <p class="amb" role="alert">{inShort(why.value)}</p>}
          {why.value.includes("late_because") && <label>{t.lateReason}<input value={reason.value} maxLength={400} onInput={(event) => (reason.value = event.currentTarget.value)} /></label>}
        </div>
        <div class="btns">
          <button type="button" class="btn" onClick={() => go("home")}><kbd>Esc</kbd> {t.back}</button>
          {may("plan.propose") && <button type="button" class="btn" disabled={busy.value} onClick={() => void anew()}>{t.proposeAnew}</button>}
          {may("plan.adopt") && (
            <button type="button" class="btn first" disabled={busy.value} onClick={() => void confirm()}>
              <kbd>Ctrl Enter</kbd> {t.sendOrders(offer.orders, offer.requests)}
            </button>
          )}
        </div>
      </div>
    </>
  );
}

/** Why it was not sent; how a program would send it all the same is not for people. */
function inShort(why: string): string {
  const [said, hint] = why.split(" Make a new one (");
  return hint === undefined ? why : `${said} ${t.onlyWithReason}`;
}

function sentenceWord(offer: Offer): string {
  return offer.verdict === "sealed" ? t.sealed : t.planVerdict(offer.verdict);
}

/** The rows of both plans in one order: those in force by margin, then what is new. */
function ordered(shown: Picture, offer: Offer): OfferSeal[] {
  const place = new Map(shown.seals.map((one, index) => [one.site, index]));
  const rank = (one: OfferSeal): number => (one.change === "new" ? 1000 + one.number : (place.get(one.site) ?? 999));
  return [...offer.seals].sort((a, b) => rank(a) - rank(b));
}

function Row({ row, now, shown, waited }: { row: OfferSeal; now: Seal | undefined; shown: Picture; waited: number }): JSX.Element {
  const said = now === undefined ? null : stateText(now, shown);
  const way = shown.ways.find((one) => one.letter === row.way);
  const margin = now === undefined ? null : marginOf(now, nowMs.value);
  const sign = row.change === "new" ? { number: row.number, look: "proposed" as const, tab: row.theirs ? shown.them.tab : "" }
    : row.change === "gone" ? { number: row.number, look: "gone" as const, tab: "" }
    : now === undefined ? { number: row.number, look: "planned" as const, tab: row.theirs ? shown.them.tab : "" }
    : signOf(now, shown.them.tab, shown.line.up === false);
  const differs = row.change !== "same";
  return (
    <tr class={differs ? "sel" : ""} tabIndex={0}>
      <td><SealIcon sign={sign} /><span class="unseen">{row.number}</span></td>
      <td><span class={`clip road${isLong(roadAt(row), 20)}`}>{roadAt(row)}</span></td>
      {now !== undefined && row.change !== "new" ? (
        <>
          <td class="sep"><span class="clip held">{now.theirs ? shown.them.name : now.units.join(", ")}</span></td>
          <td class={said?.late ? "amb" : "q"}><span class="clip state">{said?.text}</span></td>
          <td class="n">{margin === null ? t.noMargin : signed(margin)}</td>
        </>
      ) : (
        <>
          <td class="sep">{way !== undefined && <WayIcon letter={way.letter} />}</td>
          <td class="red">{way !== undefined && `${t.opens} ${clock(way.earliest)}`}</td>
          <td />
        </>
      )}
      <NewCells row={row} shown={shown} waited={waited} />
    </tr>
  );
}

function NewCells({ row, shown, waited }: { row: OfferSeal; shown: Picture; waited: number }): JSX.Element {
  if (row.change === "same") return <td class="sep q" colSpan={4}>{t.same}</td>;
  if (row.change === "gone") {
    return <><td class="sep"><b>{t.notNeeded}</b></td><td colSpan={3}>{t.setFree(row.units.join(", "))}</td></>;
  }
  // Each moment that it waits to be ordered, a unit that sets out by it comes as much later.
  const later = row.order_by === null ? 0 : waited;
  const margin = row.margin_s === null ? null : row.margin_s - later / 1000;
  return (
    <>
      <td class="sep"><b class="clip held">{row.theirs ? shown.them.name : row.units.join(", ")}</b></td>
      <td><b>{t.closesAt(clock(row.closes === null ? null : ms_of(row.closes) + later))}</b></td>
      <td class={`n${margin !== null && margin <= 0 ? " red" : ""}`}><b>{margin === null ? t.noMargin : signed(margin)}</b></td>
      <td class="n"><b>{row.order_by === null ? "" : ms_of(row.order_by) > nowMs.value ? left(row.order_by, nowMs.value) : t.tooLate.split(" ").slice(0, 2).join(" ")}</b></td>
    </>
  );
}

function inWords(offer: Offer, shown: Picture): string {
  const units = new Map<string, number[]>();
  for (const one of offer.seals) {
    if (one.change === "same" || one.change === "gone" || one.theirs) continue;
    for (const unit of one.units) units.set(unit, [...(units.get(unit) ?? []), one.number]);
  }
  const theirs = offer.seals.filter((one) => one.theirs && one.change === "new").map((one) => one.number);
  const gone = offer.seals.filter((one) => one.change === "gone").flatMap((one) => one.units).filter((one) => !units.has(one));
  return [
    ...[...units].map(([unit, numbers]) => t.orderTo(unit, numbers.join(", "))),
    ...(theirs.length ? [t.requestTo(shown.them.name, theirs.join(", "))] : []),
    ...gone.map((one) => t.free(one)),
  ].join(". ").concat(".");
}
