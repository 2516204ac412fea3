/** Of a build's page, beyond what all pages have. */
export const BUILD_PAGE_STYLE = `.failed { color: var(--failed) } .built, .passed { color: var(--built) } .allowed, .flaky, .stopped { color: var(--blocked) } .left-out, .unchanged, .skipped, .expected-failure { color: var(--faint) }
.targets td:nth-child(3) { overflow-wrap: anywhere } .targets td:first-child { min-width: 4rem }
.matrix { width: auto } .matrix th.target { padding: .2rem .35rem; font-weight: 400 } .matrix th.target span { writing-mode: vertical-rl; max-height: 12rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.matrix td { padding-right: .35rem } .matrix td:first-child { min-width: 8rem } .matrix .cell { text-align: center; min-width: 1.6rem } .matrix .cell a { color: inherit; text-decoration: none }
.label { font-size: .75rem; border: 1px solid var(--line); border-radius: 3px; padding: 0 .3rem; color: var(--faint) }
section { border-top: 1px solid var(--line); margin-top: 1.5rem } details { margin: .4rem 0 } .artifacts code { font-size: .8rem }`
