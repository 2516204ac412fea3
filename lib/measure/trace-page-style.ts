/** Of the page that trace-page.ts makes: light or dark as the reader's browser asks for. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --back: #fff; --text: #1c1f23; --faint: #68707a; --line: #d9dde2; --shade: #f4f6f8;
  --native: #1f9184; --emulated: #d9701a; --own: #7b8ba5; }
@media (prefers-color-scheme: dark) {
  :root { --back: #15181c; --text: #e3e6ea; --faint: #98a1ac; --line: #333a42; --shade: #1d2227;
    --native: #35b5a6; --emulated: #ef8b3a; --own: #8a9bb8; }
}
body { margin: 0 auto; max-width: 76rem; padding: 1.5rem; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
header p { color: var(--faint); overflow-wrap: anywhere; margin: .25rem 0; }
ul { margin: .25rem 0; padding-left: 1.2rem; overflow-wrap: anywhere; }
code { font: 13px ui-monospace, monospace; }
button { font: inherit; color: inherit; background: var(--shade); border: 1px solid var(--line); border-radius: 4px; padding: .1rem .6rem; cursor: pointer; }
.key::before { content: ""; display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin: 0 .35em 0 .8em; background: var(--colour); }
.key:first-child::before { margin-left: 0; }
.group-0 { --colour: var(--native); } .group-1 { --colour: var(--emulated); } .group-2 { --colour: var(--own); }
.zoom { float: right; }
#frame { clear: both; max-height: 26rem; overflow: hidden auto; border: 1px solid var(--line); border-radius: 4px; background: var(--shade); }
#timeline { display: block; cursor: grab; touch-action: pan-y; }
#about { color: var(--faint); min-height: 3em; font-size: .9rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { position: sticky; top: 0; background: var(--back); vertical-align: bottom; }
th button { border: 0; background: none; padding: .3rem 0; font-weight: 600; text-align: inherit; }
th[aria-sort] button::after { content: " \\25be"; } th[aria-sort=ascending] button::after { content: " \\25b4"; }
th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid var(--line); }
td { vertical-align: top; overflow-wrap: anywhere; } .number { text-align: right; white-space: nowrap; }
th.number { white-space: normal; }
`
