// A chief or commander: decisions, own units and their orders, the situation.
import type { JSX } from "preact";
import { t } from "../messages";
import { Tasks, TopPart } from "../parts/SideList";
import { me, picture } from "../state/store";
import { Decisions, mine } from "./Head";
import { OrderList } from "./Orders";
import { UnitTable } from "./Units";

export function Chief(): JSX.Element {
  const shown = picture.value;
  const service = me.value?.agency ?? undefined;
  return (
    <>
      <aside class="side scrolls" tabIndex={0}>
        {shown !== null && (
          <>
            <TopPart shown={shown} />
            {mine(shown).length > 0 && <section class="sec" aria-label={t.decisionsOfMe}><Decisions shown={shown} /></section>}
            <section class="sec" aria-label={t.ownUnits}>
              <OrderList shown={shown} {...(service ? { agencies: new Set([service]) } : {})} />
              <UnitTable shown={shown} {...(service ? { agency: service } : {})} />
            </section>
            <section class="sec"><Tasks shown={shown} /></section>
          </>
        )}
      </aside>
    </>
  );
}
