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

function fieldsOf(stanza: string): Stanza {
  const fields = new Map<string, string>()
  let last: string | undefined
  for (const line of stanza.split('\n')) {
    const [, name, value = ''] = /^([!-9;-~]+):[ \t]*(.*)$/.exec(line) ?? []
    if (name !== undefined && !name.startsWith('-')) {
      last = name.toLowerCase()
      fields.set(last, value.trimEnd())
    } else if (last !== undefined && /^[ \t]/.test(line)) fields.set(last, `${fields.get(last)}\n${line.trim()}`)
  }
  return fields
}

/** RFC 4880, 7: what was signed lies between the header's empty line and the signature. */
function unsigned(text: string): string {
  const [, signed] = /^-----BEGIN PGP SIGNED MESSAGE-----\r?\n(?:.+\n)*\r?\n([\s\S]*?)^-----BEGIN PGP SIGNATURE-----/m.exec(text) ?? []
  return signed === undefined ? text : signed.replace(/^- /gm, '')
}
