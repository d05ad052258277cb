// Which page is shown, and sign-in on top of it.
import type { ComponentType, JSX } from "preact";
import { useEffect } from "preact/hooks";
import { MapPane } from "./map/MapPane";
import { t } from "./messages";
import { Bar, isExercise } from "./parts/Bar";
import { GuideStrip } from "./parts/GuideStrip";
import { KeysBar } from "./parts/KeysBar";
import { Admin } from "./screens/Admin";
import { Call } from "./screens/Call";
import { CasePage } from "./screens/Case";
import { ClaimPage } from "./screens/Claim";
import { Chief } from "./screens/Chief";
import { Head } from "./screens/Head";
import { Journal } from "./screens/Journal";
import { KeysPage } from "./screens/Keys";
import { Main, pickPlace } from "./screens/Main";
import { Orders } from "./screens/Orders";
import { Phone } from "./screens/Phone";
import { Plan } from "./screens/Plan";
import { Press } from "./screens/Press";
import { Review } from "./screens/Review";
import { SearchPage } from "./screens/Search";
import { SightingPage } from "./screens/Sighting";
import { SignIn } from "./screens/SignIn";
import { Situation } from "./screens/Situation";
import { TasksPage } from "./screens/Tasks";
import { ThreadPage } from "./screens/Thread";
import { Units } from "./screens/Units";
import { page, type Page } from "./state/route";
import { guided } from "./state/settings";
import { begun, connected, isUnit, me, signedOut } from "./state/store";

const SCREENS: Record<Page, ComponentType> = {
  main: Main, sighting: SightingPage, plan: Plan, orders: Orders, units: Units, thread: ThreadPage,
  call: Call, situation: Situation, journal: Journal, review: Review, head: Head, chief: Chief,
  press: Press, admin: Admin, unit: Phone, keys: KeysPage, search: SearchPage, case: CasePage,
  tasks: TasksPage, claim: ClaimPage,
};

// The map is one for all pages that have it: to draw it anew for each would cost a second.
const MAPPED = new Set<Page>([
  "main", "sighting", "plan", "orders", "units", "call", "search", "case", "tasks", "chief", "head", "review", "claim",
]);
const STRIPLESS = new Set<Page>(["plan", "head", "review"]);

export function App(): JSX.Element {
  const shown = page.value;
  const phone = isUnit.value;
  useEffect(() => {
    document.title = `${t.pageName(shown)} – Stopline`;
  }, [shown]);
  const Screen = SCREENS[shown];
  const frame = [
    "frame", phone ? "phone-frame" : guided.value ? "is-guided" : "", isExercise() ? "is-exercise" : "",
    begun.value && me.value !== null && !connected.value ? "is-lost" : "",
  ].filter(Boolean).join(" ");
  return (
    <>
      <div class={frame} inert={signedOut.value}>
        {me.value === null ? <div class="blank" /> : phone ? <Phone /> : (
          <>
            <Bar />
            {guided.value && <GuideStrip />}
            <main class={`page page-${shown}`} aria-label={t.pageName(shown)}>
              {MAPPED.has(shown) && <MapPane key="map" strip={!STRIPLESS.has(shown)} pick={pickPlace} />}
              <Screen key="screen" />
            </main>
            <KeysBar />
          </>
        )}
      </div>
      {signedOut.value && <SignIn />}
    </>
  );
}
