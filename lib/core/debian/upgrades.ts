/** A package of which the archive has a newer version. */
export interface Upgrade {
  name: string
  /** undefined: it comes new, since another needs it. */
  from: string | undefined
  to: string
}

/** What `apt-get --simulate upgrade` says: `Inst tar [1.34-1] (1.34-2 Debian:12/stable [mips64el])`. man 8 apt-get, --simulate */
export const parseUpgrades = (lines: readonly string[]): Upgrade[] =>
  lines.flatMap(line => {
    const [, name, from, to] = /^Inst (\S+) (?:\[([^\]]+)\] )?\((\S+) /.exec(line) ?? []
    return name === undefined || to === undefined ? [] : [{name, from, to}]
  })
