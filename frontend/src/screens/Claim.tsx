// Could it have left? A claim, tested against what was really closed: the way, or the proof of none.
import { signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { get } from "../api/client";
import type { Claim } from "../api/types";
import { confirmation } from "../keys";
import { claimed, wanted } from "../map/MapPane";
import { t } from "../messages";
import { course, readCourse } from "../state/course";
import { go } from "../state/route";
import { incident, reads } from "../state/store";
import { clock, localTimes, ms_of, nodeNow } from "../state/time";

const MOST_ROADS = 12;
/** What was tested last; it stays while somebody looks at the review and comes back. */
const answer = signal<Claim | null>(null);

export function ClaimPage(): JSX.Element {
  const told = course.value;
  useEffect(() => void readCourse(), [incident.value]);
  useEffect(() => () => { claimed.value = []; }, []);
  if (!reads("board")) return <aside class="side"><p class="sec say">{t.notForYou}</p></aside>;
  return (
    <aside class="side scrolls" tabIndex={0}>
      {told === null || told.exits.length === 0 ? (
        <section class="sec"><p class="say">{t.claimHead}</p><p class="q">{told === null ? t.loading : t.claimNone}</p>
          <div class="btns"><button type="button" class="btn" onClick={() => go("review")}>{t.back}</button></div></section>
      ) : <Form exits={told.exits} end={told.ends === null ? nodeNow() : ms_of(told.ends)} />}
      {answer.value !== null && <Answer one={answer.value} />}
    </aside>
  );
}

function Form({ exits, end }: { exits: string[]; end: number }): JSX.Element {
  const into = useSignal(exits[0] ?? "");
  const by = useSignal(clock(end));
  const could = useSignal<boolean | null>(true);
  const why = useSignal("");
  const busy = useSignal(false);
  const test = async (): Promise<void> => {
    const moment = atClock(by.value, end);
    if (busy.value || moment === null) {
      why.value = moment === null ? t.claimClock : "";
      return;
    }
    busy.value = true;
    why.value = "";
    try {
      answer.value = await get("/v1/incidents/{incident}/claim", {
        path: { incident: incident.value ?? "" },
        query: { into: into.value, by: new Date(moment).toISOString(), ...(could.value === null ? {} : { could: could.value }) },
      });
      claimed.value = answer.value.line;
      const last = answer.value.line.at(-1);
      if (last !== undefined) wanted.value = { do: "line" };
    } catch (error) {
      answer.value = null;
      claimed.value = [];
      why.value = localTimes(error instanceof Error ? error.message : String(error));
    }
    busy.value = false;
  };
  useEffect(() => {
    confirmation.run = () => void test();
    return () => (confirmation.run = null);
  });
  const choice = (value: boolean | null, text: string): JSX.Element => (
    <button type="button" aria-pressed={could.value === value} onClick={() => (could.value = value)}>{text}</button>
  );
  return (
    <section class="sec form" aria-label={t.claimHead}>
      <p class="say">{t.claimHead}</p>
      <label>{t.claimInto}
        <select value={into.value} onChange={(event) => (into.value = event.currentTarget.value)}>
          {exits.map((one) => <option key={one} value={one}>{one}</option>)}
        </select></label>
      <div class="half narrowfirst">
        <label>{t.claimBy}<input value={by.value} maxLength={8} inputMode="numeric" onInput={(event) => (by.value = event.currentTarget.value)} /></label>
        <fieldset><legend>{t.claimSaid}</legend>
          <div class="seg">{choice(true, t.claimCould)}{choice(false, t.claimCouldNot)}{choice(null, t.claimAsked)}</div></fieldset>
      </div>
      {why.value && <p class="amb" role="alert">{why.value}</p>}
      <div class="btns">
        <button type="button" class="btn first" disabled={busy.value} onClick={() => void test()}><kbd>Ctrl Enter</kbd> {t.claimTest}</button>
        <button type="button" class="btn" onClick={() => go("review")}>{t.back}</button>
      </div>
    </section>
  );
}

function Answer({ one }: { one: Claim }): JSX.Element {
  const query = new URLSearchParams({ into: one.into, by: one.by, ...(one.holds === null ? {} : { could: String(one.holds === one.could) }) });
  const file = `/v1/incidents/${encodeURIComponent(incident.value ?? "")}/claim.json?${query}`;
  return (
    <>
      <section class="sec" aria-label={t.claimAnswer} aria-live="polite">
        {one.holds !== null && <p class="say">{one.holds ? t.claimRight : t.claimWrong}</p>}
        <p class={one.could ? "red" : "strong"}>{localTimes(one.sentence)}</p>
        <p class="q">{one.open_until === null ? (one.earliest === null ? t.claimNeverOpen : t.claimStaysOpen) : t.claimOpenUntil(clock(one.open_until))}</p>
        <div class="btns"><a class="btn" href={file} download="claim.json">{t.claimFile}</a></div>
        <p class="q s">{t.claimFileLine}</p>
      </section>
      {one.way.length > 0 && (
        <section class="sec" aria-label={t.claimWay}><h2>{t.claimWay}</h2>
          <table><tbody>{one.way.slice(0, MOST_ROADS).map((each) => <tr key={each.enters + each.road}><td class="q">{clock(each.enters)}</td><td>{each.road}</td></tr>)}</tbody></table>
          {one.way.length > MOST_ROADS && <p class="q s">{t.andMore(one.way.length - MOST_ROADS)}</p>}
        </section>
      )}
      <section class="sec" aria-label={t.claimClosed}><h2>{t.claimClosed}</h2>
        {one.closed.length === 0 ? <p class="q">{t.claimNothingClosed}</p> : (
          <table><thead><tr><th>{t.road}</th><th>{t.heldBy}</th><th class="n">{t.claimFrom}</th><th class="n">{t.claimUntil}</th></tr></thead>
            <tbody>{one.closed.map((each) => (
              <tr key={each.road + each.begins}><td><span class="clip road">{each.road}</span></td><td class="q">{each.theirs ? t.claimTheirs : t.claimOurs}</td><td class="n">{clock(each.begins)}</td><td class="n">{each.ends === null ? t.claimToEnd : clock(each.ends)}</td></tr>
            ))}</tbody></table>
        )}
      </section>
    </>
  );
}

/** A clock time as the moment nearest before an end that has it; null if it is none. */
function atClock(text: string, end: number): number | null {
  const found = /^\s*(\d{1,2}):(\d\d)(?::(\d\d))?\s*$/.exec(text);
  if (found === null || Number(found[1]) > 23 || Number(found[2]) > 59 || Number(found[3] ?? 0) > 59) return null;
  const at = new Date(end);
  at.setHours(Number(found[1]), Number(found[2]), Number(found[3] ?? 0), 0);
  return at.getTime() > end + 3_600_000 ? at.getTime() - 86_400_000 : at.getTime();
}
