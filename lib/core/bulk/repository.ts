/** A stanza of a Packages index, as it is written there. */
export interface IndexEntry {
  package: string
  architecture: string
  /** Relative to the repository. */
  filename: string
  text: string
}

const fieldOf = (text: string, name: string) => new RegExp(`^${name}: *(.*)$`, 'm').exec(text)?.[1] ?? ''

/** man 5 deb822; `root` is what comes before each filename. */
export const parseEntries = (index: string, root = ''): IndexEntry[] =>
  index
    .split(/\n\n+/)
    .map(text => text.trim())
    .filter(Boolean)
    .map(text => {
      const filename = fieldOf(text, 'Filename')
      const relative = root !== '' && filename.startsWith(root) ? filename.slice(root.length) : filename
      return {
        package: fieldOf(text, 'Package'),
        architecture: fieldOf(text, 'Architecture'),
        filename: relative,
        text: text.replace(/^Filename: .*$/m, `Filename: ${relative}`),
      }
    })

/** What a new generation has: of each package the new one, and of the others those that the last generation had. */
export function mergeEntries(last: readonly IndexEntry[], added: readonly IndexEntry[]): IndexEntry[] {
  const key = (entry: IndexEntry) => `${entry.package}:${entry.architecture}`
  const entries = new Map(last.map(entry => [key(entry), entry]))
  for (const entry of added) entries.set(key(entry), entry)
  return [...entries.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1))
}

export const formatEntries = (entries: readonly IndexEntry[]): string => entries.map(({text}) => `${text}\n`).join('\n')
