import {rename} from 'node:fs/promises'
import {join} from 'node:path'
import {hostArchitecture} from '../../core/hosts/hosts.js'
import {LIBRARY_DIRECTORY, PERL_PRELUDE} from '../../core/places.js'
import {looksLikeHost, type TargetFacts} from '../../core/twins/route.js'
import {namesIn} from '../../host/beneath.js'
import {isThere} from '../../host/files.js'
import {inTwinLibraries, type ModuleKind, type Modules, movedToTwinLibraries} from '../modules.js'
import {type OwnInterpreter, ownInterpreter} from '../program.js'
import type {Adaptation, TwinKind} from './kind.js'
import {fillPlaceholder} from './placeholder.js'

/** perl's compiled modules, beyond those of its own packages: Debian's Perl Policy, 2.3, below /usr/lib/TRIPLE/perl5. */
export const PERL_MODULES: ModuleKind = {
  directories: async ({tree}, {triple}) => {
    // Named by perl's version: that of the root's libraries, in their own directory beside it.
    const version = namesIn(tree, join('usr/lib', triple, 'perl')).find(name => /^\d+\.\d+$/.test(name))
    return version === undefined ? [] : [`/usr/lib/${triple}/perl5/${version}/auto`]
  },
  isModule: name => name.endsWith('.so'),
  twinPath: inTwinLibraries,
  lackMakesEmulated: 'all',
}

/** In /usr/lib, without the architecture's name. */
const PROGRAM_DIRECTORIES = ['texinfo']

/**
 * Those of a single program, which loads them from a directory of its own: texinfo's, tp/Texinfo/XSLoader.pm. Without a
 * twin of one that program is emulated, and no other.
 */
export const PERL_PROGRAM_MODULES: ModuleKind = {
  directories: async () => PROGRAM_DIRECTORIES.map(name => `/usr/lib/${name}`),
  isModule: PERL_MODULES.isModule,
  twinPath: movedToTwinLibraries,
  lackMakesEmulated: 'its-program',
}

/** Moves the twins of such modules among the libraries, which is what a session shows of the twin set. */
async function moveModules(tree: string, {host}: Adaptation): Promise<void> {
  for (const name of PROGRAM_DIRECTORIES) {
    const [from, to] = [join(tree, 'usr/lib', name), join(tree, 'usr/lib', host.triple, name)]
    if (isThere(from)) await rename(from, to)
  }
}

/** The place in shims/perl/prelude.pl where what is known goes. */
const PLACEHOLDER = 'my %known = ();'

/** A text in single quotes: perldoc perlop, q. */
const quote = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`

/** The prelude with what is known of a root filled in. */
export function fillPerlPrelude(
  prelude: string,
  target: TargetFacts,
  {modules, untwinned, directories}: Modules,
  own: OwnInterpreter,
): string {
  const facts = {
    host: hostArchitecture().triple,
    target: target.triple,
    machine: target.uname,
    data: looksLikeHost(target) ? 'same' : 'other',
    errors: target.errors === 'common' ? 'same' : 'other',
    char: target.char === 'signed' ? 'same' : 'other',
    libraries: LIBRARY_DIRECTORY,
    own,
  }
  const lines = [
    ...Object.entries(facts).map(([name, value]) => `    ${name} => ${quote(value)},`),
    `    modules => {${modules.map(path => `${quote(path)} => 1`).join(', ')}},`,
    `    untwinned => [${untwinned.map(quote).join(', ')}],`,
    `    directories => [${directories.map(([path, mtime]) => `[${quote(path)}, ${mtime}]`).join(', ')}],`,
  ]
  return fillPlaceholder(prelude, PLACEHOLDER, `my %known = (\n${lines.join('\n')}\n);`, 'shims/perl/prelude.pl')
}

/** perl itself is as plain as any program; what it has to know, it is told as it begins. */
export const PERL: TwinKind = {
  name: 'perl',
  arrange: moveModules,
  interpreter: {
    modules: [PERL_MODULES, PERL_PROGRAM_MODULES],
    prelude: PERL_PRELUDE,
    fill: (shim, {target, modules, root}) => fillPerlPrelude(shim, target, modules, ownInterpreter(root, 'usr/bin/perl')),
  },
}
