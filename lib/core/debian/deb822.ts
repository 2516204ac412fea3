/** Fields of one stanza, by name in lower case: names are the same in any case. Debian Policy 5.1 */
export type Stanza = ReadonlyMap<string, string>

/**
 * The stanzas of a control file: debian/control, a .dsc, .changes, an index. Lines that go on keep their line breaks; comments,
 * and what is no field, are left out, and so is the frame of a signature. man 5 deb822
 */
export function parseStanzas(text: string): Stanza[] {
  return unsigned(text)
    .replace(/\r$/gm, '')
    .replace(/^#.*\n?/gm, '')
    .split(/\n(?:[ \t]*\n)+/)
    .flatMap(part => {
      const fields = fieldsOf(part)
      return fields.size > 0 ? [fields] : []
    })
}

/** An index without the stanzas that repeat a package of a version: a suite's updates come to be in the suite itself. */
export function withoutRepeated(index: string): string {
  const seen = new Set<string>()
  const parts = index.split(/\n(?:[ \t]*\n)+/).filter(part => {
    const key = ['Package', 'Version', 'Architecture'].map(name => new RegExp(`^${name}: *(.*)$`, 'm').exec(part)?.[1]).join(' ')
    return !seen.has(key) && part.trim() !== '' && seen.add(key)
  })
  return parts.map(part => `${part.trimEnd()}\n`).join('\n')
}

function fieldsOf(stanza: string): Stanza {
  const fields = new Map<string, string>()
  let last: string | undefined
  for (const line of stanza.split('\n')) {
    const [, name, value = ''] = /^([!-9;-~]+):(.*)$/s.exec(line) ?? []
    if (name !== undefined && !name.startsWith('-')) {
      last = name.toLowerCase()
      fields.set(last, value.trim())
    } else if (last !== undefined && /^[ \t]/.test(line)) fields.set(last, `${fields.get(last)}\n${line.trim()}`)
  }
  return fields
}

const MESSAGE = '-----BEGIN PGP SIGNED MESSAGE-----'
const SIGNATURE = '\n-----BEGIN PGP SIGNATURE-----'

/** RFC 4880, 7: what was signed lies between the header's empty line and the signature. */
function unsigned(text: string): string {
  const begin = text.startsWith(MESSAGE) ? 0 : text.indexOf(`\n${MESSAGE}`)
  if (begin === -1) return text
  const message = text.slice(begin + MESSAGE.length)
  const [blank] = message.match(/\n\r?\n/) ?? []
  if (blank === undefined) return text
  const start = message.indexOf(blank) + blank.length
  const end = message.indexOf(SIGNATURE, start - 1)
  return end === -1 ? text : message.slice(start, end + 1).replace(/^- /gm, '')
}
