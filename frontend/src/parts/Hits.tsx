// Possible hits of cameras that wait for a person: the picture, the time that is left, yes, no, or cannot tell.
import type { JSX } from "preact";
import type { CameraHit } from "../api/types";
import { wanted } from "../map/MapPane";
import { t } from "../messages";
import { send } from "../state/outbox";
import { cameras, camerasTaken, incident, lookAt, may, role } from "../state/store";
import { clock, nowMs, span } from "../state/time";

export function HitsPart(): JSX.Element | null {
  const waiting = (cameras.value?.hits ?? []).filter((one) => one.verdict === null);
  if (!waiting.length || lookAt.value !== null) return null;
  return (
    <section class="sec" aria-label={t.hitsHead}>
      <h2>{t.hitsHead}</h2>
      {waiting.slice(0, 2).map((one) => <Hit key={one.hit} one={one} />)}
      {waiting.length > 2 && <p class="q s">{t.andMore(waiting.length - 2)}</p>}
    </section>
  );
}

function Hit({ one }: { one: CameraHit }): JSX.Element {
  const passed = (nowMs.value - camerasTaken.value) / 1000;
  const leftMs = one.left_s === null ? null : Math.max(0, one.left_s - passed) * 1000;
  const decide = (kind: "hit.confirm" | "hit.reject" | "hit.pass-on", title: string): void =>
    void send(incident.value, kind, { hit: one.hit }, title, role.value);
  const picture = `/v1/incidents/${encodeURIComponent(incident.value ?? "")}/hits/${encodeURIComponent(one.hit)}/crop.jpg`;
  return (
    <article class="card hit">
      {one.crop && <img src={picture} alt={t.hitPicture(one.camera)} />}
      <div class="grow">
        <p><button type="button" class="linkish cy" onClick={() => { if (one.lon !== null && one.lat !== null) wanted.value = { do: "focus", lon: one.lon, lat: one.lat }; }}>{t.hitAt(one.camera, clock(one.seen))}</button> <span class="q">{Math.round(one.confidence * 100)} %{one.doubt && `, ${one.doubt}`}</span></p>
        <div class="btns">
          {may("hit.confirm") && <button type="button" class="btn" onClick={() => decide("hit.confirm", t.hitYes)}>{t.hitYes}</button>}
          {may("hit.reject") && <button type="button" class="btn" onClick={() => decide("hit.reject", t.hitNo)}>{t.hitNo}</button>}
          {may("hit.pass-on") && <button type="button" class="btn" onClick={() => decide("hit.pass-on", t.hitPass)}>{t.hitPass}</button>}
          {leftMs !== null && <b>{t.hitLeft(span(leftMs))}</b>}
        </div>
      </div>
    </article>
  );
}
