/** What all pages of a run have: light and dark as the reader's system is. */
export const PAGE_STYLE = `:root { color-scheme: light dark; --line: light-dark(#d8dade, #3a3d42); --faint: light-dark(#5c6370, #a0a6b0); --paper: light-dark(#fff, #16181b);
 --built: light-dark(#1a7f37, #4ac26b); --building: light-dark(#0a62c4, #6cb2ff); --queued: light-dark(#8a919c, #777e88); --blocked: light-dark(#7d5a00, #d9a92e); --failed: light-dark(#b3261e, #ff8a80);
 --package: light-dark(#b3261e, #ff8a80); --emulator: light-dark(#7c3aed, #b794f6); --twin: light-dark(#c2410c, #ffa657); --sandbox: light-dark(#0f766e, #4fd1c5); --infrastructure: light-dark(#475569, #94a3b8); --flaky: light-dark(#a16207, #e3b341); --unclear: light-dark(#6b7280, #9ca3af) }
* { box-sizing: border-box } body { font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 76rem; padding: 0 1rem 3rem; background: var(--paper) }
h1 { font-size: 1.25rem; margin: 1rem 0 .25rem } h2 { font-size: 1.05rem; margin: 1.5rem 0 .5rem } .faint { color: var(--faint) } a { color: var(--building) }
.bar { display: flex; height: 1.6rem; border-radius: 4px; overflow: hidden; background: var(--line) } .bar > * { min-width: 2px; border: 0; padding: 0; cursor: pointer }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: .4rem 0 } .legend button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer } .legend b { font-variant-numeric: tabular-nums }
.dot { display: inline-block; width: .7rem; height: .7rem; border-radius: 2px; margin-right: .35rem } [aria-pressed=true] { text-decoration: underline; font-weight: 600 }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .2rem .6rem .2rem 0; border-bottom: 1px solid var(--line); vertical-align: top } .number { text-align: right; font-variant-numeric: tabular-nums }
pre { font-size: .8rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; border-left: 3px solid var(--line); padding-left: .6rem } mark { background: light-dark(#ffe08a, #6b5200); color: inherit }
.wide { overflow-x: auto }`

/** Of the page with all packages alone. */
export const TABLE_STYLE = `input { font: inherit; width: 100%; max-width: 24rem; padding: .3rem .5rem; border: 1px solid var(--line); border-radius: 4px; background: var(--paper); color: inherit }
.rows { height: 70vh; min-height: 18rem; overflow: auto; position: relative; border: 1px solid var(--line); border-radius: 4px; margin-top: .5rem } .space { position: relative }
.row { display: grid; grid-template-columns: minmax(9rem, 2fr) minmax(6rem, 1fr) 5rem 6.5rem 5rem 5rem 4.5rem minmax(8rem, 3fr); gap: .6rem; padding: 0 .6rem; height: 28px; line-height: 28px; white-space: nowrap }
.row > * { overflow: hidden; text-overflow: ellipsis } .space .row { position: absolute; left: 0; right: 0 } .head { position: sticky; top: 0; z-index: 1; background: var(--paper); border-bottom: 1px solid var(--line); font-weight: 600 } .head > * { cursor: pointer }
@media (max-width: 44rem) { .row { grid-template-columns: minmax(7rem, 2fr) 4.2rem 6rem 3.6rem } .row > :nth-child(2), .row > :nth-child(6), .row > :nth-child(7), .row > :nth-child(8) { display: none } .optional { display: none } }`
