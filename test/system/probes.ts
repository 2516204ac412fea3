import {readdirSync, readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'

/**
 * A question to the tools of an environment, whose answer must be the same in both modes. They are sections of
 * probes/*.sh: `### name`, or `### name needs program…`, then the script.
 */
export interface Probe {
  name: string
  /** For sh, in an empty directory of its own. Its output, its errors and its exit status are the answer. */
  script: string
  /** Programs or files that it cannot do without. */
  needs: readonly string[]
}

const DIRECTORY = fileURLToPath(new URL('probes/', import.meta.url))

export function parseProbes(text: string): Probe[] {
  const [, ...sections] = text.split(/^### /m)
  return sections.map(section => {
    const [title = '', ...lines] = section.split('\n')
    const [name = '', needs = ''] = title.split(' needs ')
    return {name, needs: needs.split(' ').filter(Boolean), script: lines.join('\n').trim()}
  })
}

export const readProbes = (): Probe[] =>
  readdirSync(DIRECTORY)
    .filter(file => file.endsWith('.sh'))
    .sort()
    .flatMap(file => parseProbes(readFileSync(`${DIRECTORY}${file}`, 'utf8')))

/** Packages beyond those of a build, so that there is something to ask. */
export const PROBE_PACKAGES =
  'autotools-dev bc bison ccache cmake file flex gawk gettext locales m4 meson ninja-build pkgconf python3 xz-utils zstd'.split(' ')

/** A difference that is there and stays. A test fails too where it is gone. */
export interface Known {
  probe: string
  profiles: 'all' | readonly string[]
  reason: string
}

const MIPS = ['mips64el', 'mipsel']

export const KNOWN: readonly Known[] = [
  {probe: 'proc-maps', profiles: 'all', reason: 'the memory of an emulated process is laid out by the emulator'},
  {
    probe: 'proc-other-process',
    profiles: 'all',
    reason: 'a native process is named by its program\u2019s file (dash), an emulated one as the program was executed (sh)',
  },
  {
    probe: 'real-time-signals',
    profiles: 'all',
    reason: 'the emulator keeps some real-time signals for itself',
  },
  {
    probe: 'signal-names',
    profiles: MIPS,
    reason: "MIPS numbers its signals its own way, and a native shell's are the host's; names mean the same",
  },
  {
    probe: 'perl-modules',
    profiles: MIPS,
    reason: "MIPS numbers its errors its own way, and those of a native perl's Errno are the host's, as its $! is",
  },
  {
    probe: 'killed-by-user-signal',
    profiles: MIPS,
    reason: 'the same: $? of a program that SIGBUS, SIGUSR1 and the like ended is 128 and the number',
  },
  {
    probe: 'bash-arithmetic',
    profiles: ['armhf'],
    reason: 'a shift by 64 and more is what the machine makes of it: C, 6.5.7',
  },
  {
    probe: 'm4',
    profiles: ['armhf'],
    reason: "a number that is too long for 32 bits ends at 2147483647 where C's long has as many, and is cut off where it has 64",
  },
  {
    probe: 'touch',
    profiles: ['armhf'],
    reason: 'times after 2038, which 32-bit programs of Debian 12 refuse, and host-native cp and make do not',
  },
  {
    probe: 'compressors-machine',
    profiles: ['armhf'],
    reason: 'a host-native xz takes as much memory as it finds, and zstd says how many bits it has',
  },
  {
    probe: 'cmake-64-bit',
    profiles: ['armhf'],
    reason: "IS_64BIT is cmake's own size; CMAKE_SIZEOF_VOID_P is that of the target",
  },
  {
    probe: 'make-database',
    profiles: ['armhf'],
    reason: 'the room for the names of files, which is counted in pointers',
  },
  {
    probe: 'make-database',
    profiles: ['s390x'],
    reason: "stat(2) has no nanoseconds under s390x's emulator (7.2); and make counts collisions of hashes that depend on the byte order",
  },
  {
    probe: 'cmake-itself',
    profiles: ['s390x'],
    reason: 'the order of the list of generators (cmake -E capabilities) is that of a hash that depends on the byte order',
  },
]

export const isKnown = (probe: string, profile: string): boolean =>
  KNOWN.some(known => known.probe === probe && (known.profiles === 'all' || known.profiles.includes(profile)))

/** What differs between any two runs of one and the same mode, or is known of all answers alike. */
const NORMALISATIONS: readonly {from: RegExp; to: string; why: string}[] = [
  {from: /\/tmp\/cc[A-Za-z0-9]{6}/g, to: '/tmp/cc', why: "names of the compiler's temporary files"},
  {from: /(: line \d+:) +\d+ /g, to: '$1 PID ', why: 'the process id in what a shell tells of a job'},
  {from: /GMfifo\d+/g, to: 'GMfifo', why: "the process id in the name of make's job server"},
  {from: /\(0x[0-9a-f]{8,16}\)/g, to: '(ADDRESS)', why: 'where a library was loaded'},
  {from: /(Debian \d[\d.]*-\d+)\+deb\d+u\d+/g, to: '$1', why: "a skewed twin's revision string"},
  {from: /^qemu: uncaught target signal .*\n/gm, to: '', why: 'the emulator tells of a program that a signal ended'},
]

export const normalised = (answer: string): string => NORMALISATIONS.reduce((text, {from, to}) => text.replace(from, to), answer)

/** How many lines of a difference are shown. */
const SHOWN = 12

/** The first lines that differ: `-` of the emulated answer, `+` of the hybrid one. */
export function difference(emulated: string, hybrid: string): string {
  const [own, other] = [emulated.split('\n'), hybrid.split('\n')]
  const rest = (lines: string[], without: string[]) => lines.filter(line => !without.includes(line))
  const sign = (mark: string, lines: string[]) => lines.slice(0, SHOWN).map(line => `${mark} ${line.slice(0, 200)}`)
  const shown = [...sign('-', rest(own, other)), ...sign('+', rest(other, own))]
  return shown.length > 0 ? shown.join('\n') : 'the same lines in another order, or another number of times'
}
