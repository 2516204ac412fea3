/** Of the page with all packages alone. */
export const TABLE_STYLE = `input { font: inherit; width: 100%; max-width: 24rem; padding: .3rem .5rem; border: 1px solid var(--line); border-radius: 4px; background: var(--paper); color: inherit }
.rows { height: 70vh; min-height: 18rem; overflow: auto; position: relative; border: 1px solid var(--line); border-radius: 4px; margin-top: .5rem } .space { position: relative }
.row { display: grid; grid-template-columns: minmax(9rem, 2fr) minmax(6rem, 1fr) 5rem 6.5rem 5rem 5rem 4.5rem minmax(8rem, 3fr); gap: .6rem; padding: 0 .6rem; height: 28px; line-height: 28px; white-space: nowrap }
.row > * { overflow: hidden; text-overflow: ellipsis } .space .row { position: absolute; left: 0; right: 0 } .head { position: sticky; top: 0; z-index: 1; background: var(--paper); border-bottom: 1px solid var(--line); font-weight: 600 } .head > * { cursor: pointer } .chip { white-space: nowrap }
@media (max-width: 44rem) { .row { grid-template-columns: minmax(7rem, 2fr) 4.2rem 6rem 3.6rem } .row > :nth-child(2), .row > :nth-child(6), .row > :nth-child(7), .row > :nth-child(8) { display: none } .optional { display: none } }`
