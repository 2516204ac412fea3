/** What all pages have: light and dark as the reader's system is. */
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
.wide { overflow-x: auto } code { font-size: .85rem; overflow-wrap: anywhere } ul { padding-left: 1.2rem } li, p, h1, h2, h3, summary, td:first-child, td:last-child { overflow-wrap: anywhere } .number { white-space: nowrap }
th { color: var(--faint); font-weight: 600 } h3 { font-size: 1rem; margin: 1rem 0 .25rem } summary { cursor: pointer } .warning { border-left: 3px solid var(--blocked); padding: .3rem .6rem; background: light-dark(#fff6dd, #2b2410) }`
