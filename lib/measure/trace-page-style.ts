/** Of a trace's page, beyond what all pages have. */
export const TRACE_PAGE_STYLE = `:root { --native: light-dark(#1f9184, #35b5a6); --emulated: light-dark(#d9701a, #ef8b3a); --own: light-dark(#7b8ba5, #8a9bb8); --shade: light-dark(#f4f6f8, #1d2227) }
button { font: inherit; color: inherit; background: var(--shade); border: 1px solid var(--line); border-radius: 4px; padding: .1rem .6rem; cursor: pointer }
.zoom { text-align: right; margin: .4rem 0 } .legend > span { max-width: 100%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap } .legend .line { display: inline-block; width: 1rem; height: .2rem; margin-right: .35rem; vertical-align: middle }
.group-0 { background: var(--native) } .group-1 { background: var(--emulated) } .group-2 { background: var(--own) }
#frame { max-height: 26rem; overflow: hidden auto; border: 1px solid var(--line); border-radius: 4px; background: var(--shade) }
#timeline { display: block; cursor: grab; touch-action: pan-y }
#about { color: var(--faint); min-height: 3em; font-size: .9rem }
table { font-variant-numeric: tabular-nums } th { position: sticky; top: 0; background: var(--paper); vertical-align: bottom }
th button { border: 0; background: none; padding: .3rem 0; font-weight: 600; text-align: inherit }
th[aria-sort] button::after { content: " \\25be" } th[aria-sort=ascending] button::after { content: " \\25b4" }
th.number { white-space: normal }
@media (max-width: 44rem) { .optional { display: none } }`
