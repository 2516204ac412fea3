import {PAGE_STYLE} from './page-style.js'

const ENTITIES: Record<string, string> = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;'}

/** Text that may stand anywhere in a document, attributes included. */
export const escapeHtml = (text: string) => text.replace(/[&<>"']/g, character => ENTITIES[character] ?? character)

/** JSON inside a script element, which ends at the first `</script`, wherever that stands. */
export const escapeJson = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c')

export interface PageParts {
  title: string
  /** What it has beyond PAGE_STYLE. */
  style?: string
  body: string
  /** `alone`: one file that loads nothing, and in which a browser runs nothing but its own script. */
  files: 'alone' | 'beside'
}

const ALONE = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">\n`

/** The frame of every page. */
export const htmlPage = ({title, style = '', body, files}: PageParts): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
${files === 'alone' ? ALONE : ''}<title>${escapeHtml(title)}</title>
<style>${PAGE_STYLE}
${style}</style></head><body>
${body}
</body></html>
`

/** What a page is about: when, of what, and by which version it was made. */
export interface PageFacts {
  /** As new Date().toISOString(). */
  date: string
  /** Of the tree's checkout; undefined where it is in none, or nobody knows. */
  commit: string | undefined
  /** Of xbuild-env. */
  version: string
}

/** Digits of a commit that people read. */
const SHORT_COMMIT = 12

/** Facts and others on one line, with points between. */
export function factsLine({date, commit, version}: PageFacts, ...others: readonly string[]): string {
  const when = `${date.slice(0, 16).replace('T', ' ')} UTC`
  const parts = [
    `<time datetime="${escapeHtml(date)}">${escapeHtml(when)}</time>`,
    ...(commit === undefined ? [] : [`commit <code title="${escapeHtml(commit)}">${escapeHtml(commit.slice(0, SHORT_COMMIT))}</code>`]),
    `xbuild-env ${escapeHtml(version)}`,
    ...others.map(escapeHtml),
  ]
  return `<p class="faint">${parts.join(' · ')}</p>`
}
