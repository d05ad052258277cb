// Looking back over the whole case: one slider moves map, board, thread and what was known then.
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { t } from "../messages";
import { SealsPart, Talk } from "../parts/SideList";
import { Lanes } from "../parts/Lanes";
import { roadAt, unmarked } from "../parts/names";
import { course, readCourse } from "../state/course";
import { go } from "../state/route";
import { incident, live, look, lookAt, looking, picture, reads } from "../state/store";
import { clock, ms_of, nodeNow, span } from "../state/time";

const LATE_MS = 60_000;
const MOST = 4;

export function Review(): JSX.Element {
  const now = live.value;
  const told = course.value;
  useEffect(() => void readCourse(), [incident.value, now?.entries]);
  useEffect(() => {
    if (told !== null && lookAt.peek() === null) void look(told.ends === null ? nodeNow() : ms_of(told.ends));
  }, [told === null]);
  useEffect(() => () => void look(null), []);
  const shown = picture.value;
  return (
    <>
      <aside class="side scrolls" tabIndex={0} aria-busy={looking.value}>
        {shown === null && lookAt.value !== null && <p class="sec q">{t.nothingKnown}</p>}
        {shown !== null && <><Known /><SealsPart shown={shown} /><section class="sec"><Talk shown={shown} /></section></>}
        <section class="sec"><div class="btns wrap">
          {reads("board") && <button type="button" class="btn" onClick={() => go("claim")}>{t.testClaim}</button>}
          {reads("journal") && <button type="button" class="btn" onClick={() => go("journal")}>{t.proofOf}</button>}
          <button type="button" class="btn" onClick={() => go("situation")}>{t.situationThen}</button>
        </div></section>
      </aside>
      {told === null ? <section class="lanes" aria-label={t.review} /> : <Lanes told={told} />}
    </>
  );
}

interface KnownRow {
  key: string;
  was: number;
  known: number;
  text: string;
  seen: boolean;
}

/** All that became known of the case: sightings, roads that closed, what the other side said. */
function rowsOf(): KnownRow[] {
  const now = live.value;
  const told = course.value;
  if (now === null) return [];
  const closed = now.seals.filter((one) => one.state === "closed" && one.since !== null);
  return [
    ...(now.sightings ?? []).map((one) => ({
      key: one.sighting, was: ms_of(one.seen), known: ms_of(one.noted), seen: true,
      text: `${t.seen} ${unmarked(one.place)}, ${one.confirmed ? t.confirmed : t.unconfirmed}`,
    })),
    ...closed.map((one) => ({
      key: one.site, was: ms_of(one.since ?? ""), known: ms_of(one.since ?? ""), seen: false,
      text: `${one.number} ${t.stateOf("closed")}, ${roadAt(one)}`,
    })),
    ...(told?.heard ?? []).map((one) => ({
      key: `${one.at}${one.text}`, was: ms_of(one.at), known: ms_of(one.at), seen: false, text: `${now.them.name}: ${unmarked(one.text)}`,
    })),
  ].sort((a, b) => a.known - b.known);
}

/** What was known at the moment, and what was true already and known only later. */
function Known(): JSX.Element {
  const at = lookAt.value ?? nodeNow();
  const all = rowsOf();
  const known = all.filter((one) => one.known <= at);
  const last = known.slice(-MOST);
  // Where it was seen last stays in sight, however much was said since.
  const seen = known.findLast((one) => one.seen);
  const rows = seen === undefined || last.includes(seen) ? last : [seen, ...last.slice(1)];
  const later = all.filter((one) => one.was <= at && one.known > at + 1000).slice(0, MOST);
  return (
    <section class="sec" aria-label={t.knownAt(clock(at))}>
      <div class="hd"><h2>{t.knownAt(clock(at))}</h2><span class="r">{picture.value?.us.name}</span></div>
      {rows.length === 0 ? <p class="q">{t.nothingKnown}</p> : (
        <table><thead><tr><th>{t.trueAt}</th><th>{t.what}</th><th class="n">{t.knownHead}</th></tr></thead>
          <tbody>{rows.map((one) => <Row key={one.key} one={one} />)}</tbody></table>
      )}
      {later.length > 0 && (
        <>
          <h2>{t.notKnownYet}</h2>
          <table><tbody>{later.map((one) => <Row key={one.key} one={one} />)}</tbody></table>
        </>
      )}
    </section>
  );
}

function Row({ one }: { one: KnownRow }): JSX.Element {
  const late = one.known - one.was > LATE_MS ? `; ${t.lateKnown(span(one.known - one.was))}` : "";
  return (
    <tr><td class="q">{clock(one.was)}</td><td class={one.seen ? "cy" : ""}><span class="clip wide" title={one.text}>{one.text}{late}</span></td><td class="n">{clock(one.known)}</td></tr>
  );
}
