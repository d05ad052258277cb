// The journal: every fact of this node in order, with filters, and the proof of each.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { get, getText } from "../api/client";
import type { JournalEntry } from "../api/types";
import { t } from "../messages";
import { shortRole } from "../parts/Bar";
import { walk } from "../parts/rows";
import { go } from "../state/route";
import { incident, live, node, reads } from "../state/store";
import { clock } from "../state/time";

const PAGE = 200;

export function Journal(): JSX.Element {
  const entries = useSignal<JournalEntry[]>([]);
  const from = useSignal<number | null>(null);
  const size = useSignal(0);
  const kind = useSignal("");
  const who = useSignal("");
  const chosen = useSignal<JournalEntry | null>(null);
  const proof = useSignal("");
  const known = live.value?.entries;
  useEffect(() => {
    if (!reads("journal")) return;
    const all = Math.max(known ?? 0, node.value?.journal_size ?? 0);
    const begin = from.value ?? Math.max(0, all - PAGE);
    void get("/v1/journal/entries", { query: { first: begin, count: PAGE } }).then((page) => {
      entries.value = page.entries;
      size.value = page.size;
    }).catch(() => undefined);
  }, [from.value, from.value === null ? known : 0]);
  const open = (one: JournalEntry): void => {
    chosen.value = one;
    proof.value = "";
    void getText(`/v1/journal/entries/${one.index}/proof`).then((text) => (proof.value = text))
      .catch((error: unknown) => (proof.value = String(error instanceof Error ? error.message : error)));
  };
  if (!reads("journal")) return <div class="sec"><p class="say">{t.notForYou}</p></div>;
  const begin = entries.value[0]?.index ?? 0;
  const rows = entries.value.filter((one) => one.kind.startsWith(kind.value.trim()) && one.author.toLowerCase().includes(who.value.trim().toLowerCase()) && (incident.value === null || one.incident === null || one.incident === incident.value)).reverse();
  return (
    <>
      <section class="sec grow scrolls" tabIndex={0} aria-label={t.journal}>
        <div class="hd"><h2>{t.journal}</h2><span class="r">{size.value === 0 ? t.loading : <>{t.journalSize(size.value)}; {node.value?.checkpoint_size == null ? t.notCovered : t.covered(node.value.checkpoint_size)}</>}</span></div>
        <div class="half filters">
          <label>{t.filterKind}<input value={kind.value} onInput={(event) => (kind.value = event.currentTarget.value)} /></label>
          <label>{t.filterWho}<input value={who.value} onInput={(event) => (who.value = event.currentTarget.value)} /></label>
        </div>
        <div class="btns">
          <button type="button" class="btn" disabled={begin === 0} onClick={() => (from.value = Math.max(0, begin - PAGE))}>{t.older}</button>
          <button type="button" class="btn" disabled={from.value === null} onClick={() => (from.value = begin + PAGE >= size.value - PAGE ? null : begin + PAGE)}>{t.newer}</button>
          <button type="button" class="btn" onClick={() => go("review")}>{t.pageName("review")}</button>
        </div>
        <table onKeyDown={walk}>
          <thead><tr><th class="n">{t.entry}</th><th>{t.at}</th><th>{t.kind}</th><th>{t.who}</th></tr></thead>
          <tbody>{rows.map((one) => (
            <tr key={one.index} tabIndex={0} class={chosen.value?.index === one.index ? "sel" : ""} onClick={() => open(one)} onKeyDown={(event) => { if (event.key === "Enter") open(one); }}>
              <td class="n">{one.index}</td><td>{clock(one.time)}</td><td>{one.kind}</td><td class="q">{one.author}{one.role ? `, ${shortRole(one.role)}` : ""}</td>
            </tr>
          ))}</tbody>
        </table>
      </section>
      <aside class="side scrolls" tabIndex={0}>
        {chosen.value === null && <p class="q sec">{t.chooseEntry}</p>}
        {chosen.value !== null && (
          <section class="sec"><h2>{t.proofHead(chosen.value.index)}</h2>
            <p class="q">{chosen.value.id}</p>
            <pre>{chosen.value.body === null ? t.erased : JSON.stringify(chosen.value.body, null, 1).slice(0, 6000)}</pre>
            <h2>{t.proofOf}</h2><pre class="proof">{proof.value}</pre>
          </section>
        )}
      </aside>
    </>
  );
}
