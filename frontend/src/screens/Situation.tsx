// The situation on one page, as the node writes it for somebody.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { get, withOtherWords } from "../api/client";
import type { components } from "../api/schema";
import { language, t } from "../messages";
import { incident, live, role } from "../state/store";

type Paper = components["schemas"]["SituationShown"];

export function Situation(): JSX.Element {
  const paper = useSignal<Paper | null>(null);
  const name = incident.value;
  const entries = live.value?.entries;
  const spoken = language.value;
  useEffect(() => {
    if (name === null) return;
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    void get("/v1/incidents/{incident}/situation", { path: { incident: name }, query: { zone, reader: role.value, language: spoken } })
      .then((found) => (paper.value = found)).catch(() => undefined);
  }, [name, entries, spoken]);
  const found = paper.value === null ? null : plainly(paper.value);
  if (found === null) return <div class="sec"><p class="q">{name === null ? t.noCase : t.loading}</p></div>;
  return (
    <article class="paper scrolls" tabIndex={0}>
      <h2 class="big">{found.title}</h2>
      <p class={`say${found.tone === "bad" ? " red" : ""}`}>{found.headline}</p>
      <p class="q">{found.facts.join(" · ")}</p>
      <div class="blocks">{found.blocks.map((block) => (
        <section key={block.title}><h3>{block.title}</h3>
          {block.lines.map((line) => <p key={`${line.lead}${line.text}`} class={line.tone === "bad" ? "red" : line.tone === "quiet" ? "q" : ""}>{line.lead && <b>{line.lead} </b>}{line.text}</p>)}
        </section>
      ))}</div>
      <p class="q s">{found.foot}</p>
      <p><a href={`/v1/incidents/${encodeURIComponent(name ?? "")}/situation.pdf?language=${spoken}&zone=${encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone)}`} download>PDF</a></p>
    </article>
  );
}

/** In the words of the page, and without the mark of an exercise: it stands in the bar and round the page. */
function plainly(paper: Paper): Paper {
  return JSON.parse(withOtherWords(JSON.stringify(paper)).replaceAll("EXERCISE: ", "").replaceAll("EXERCISE. ", "")) as Paper;
}
