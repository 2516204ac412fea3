import {makeSteps} from './make.js'
import {once, type ProjectGuess, type SourceTree, says, thereIs} from './tree.js'

/** What autoconf makes a configure of. */
const SOURCES = ['configure.ac', 'configure.in']

/** Packages that a macro of configure.ac needs. */
const MACROS: readonly [macro: RegExp, packages: readonly string[]][] = [
  [/\bAM_INIT_AUTOMAKE\b/, ['automake']],
  [/\b(LT_INIT|A[CM]_PROG_LIBTOOL)\b/, ['libtool']],
  [/\bAM_GNU_GETTEXT\b/, ['autopoint', 'gettext']],
  [/\bIT_PROG_INTLTOOL\b/, ['intltool']],
  [/\bPKG_(CHECK_MODULES|PROG_PKG_CONFIG|CHECK_EXISTS)\b/, ['pkgconf']],
  [/\bAX_[A-Z]/, ['autoconf-archive']],
  [/\bGTK_DOC_CHECK\b/, ['gtk-doc-tools']],
]

/** Programs that a configure, made or not, looks for because the build runs them. */
const TOOLS: readonly [macro: RegExp, packages: readonly string[]][] = [
  [/\b(AC_PROG_YACC|AC_PROG_BISON|gl_PROG_BISON)\b/, ['bison']],
  [/\bA[CM]_PROG_LEX\b/, ['flex']],
  [/\bAM_PATH_PYTHON\b/, ['python3']],
]

const packagesFor = (macros: string, known: typeof MACROS) => known.flatMap(([macro, packages]) => (macro.test(macros) ? packages : []))

export function guessConfigure(tree: SourceTree): ProjectGuess {
  const {texts} = tree
  const automake = says(texts['Makefile.in'], /automake/)
  const {steps, artifacts, notes} = makeSteps(texts['Makefile.in'], automake)
  const changed = findPatched(tree)
  const macros = macrosOf(tree)
  if (changed === undefined) {
    const packages = says(texts.configure, /\bpkg-config\b/) && says(macros, /\bPKG_/) ? ['pkgconf'] : []
    return {
      because: thereIs('configure'),
      kind: 'autotools',
      packages,
      steps: {configure: once('./configure', 'configure'), ...steps},
      artifacts,
      notes,
    }
  }
  const {source, made} = changed
  return {
    because: thereIs('configure'),
    kind: 'autotools',
    packages: ['autoconf', ...packagesFor(macros, MACROS), ...packagesFor(macros, TOOLS)],
    steps: {configure: once('autoreconf -fi\n./configure', sourceOf(tree) ?? 'configure'), ...steps},
    artifacts,
    notes: [
      `${source} was changed after ${made} had been made of it: that is made anew, which needs ${automake ? 'automake' : 'autoconf'}`,
      ...notes,
    ],
  }
}

const sourceOf = ({texts}: SourceTree) => SOURCES.find(name => texts[name] !== undefined)

const macrosOf = (tree: SourceTree) => tree.texts[sourceOf(tree) ?? ''] ?? ''

/**
 * A source that was changed later than what was made of it: a patch, or a checkout, which gives all files the time that it comes to
 * them. automake's rules would make that anew in the midst of the build, unless AM_MAINTAINER_MODE switches them off:
 * https://www.gnu.org/software/automake/manual/html_node/maintainer_002dmode.html
 */
function findPatched(tree: SourceTree): {source: string; made: string} | undefined {
  const {texts, changed} = tree
  const own = sourceOf(tree)
  if (own === undefined) return undefined
  const macros = macrosOf(tree)
  const rebuilds = /\bAM_INIT_AUTOMAKE\b/.test(macros) && !/\bAM_MAINTAINER_MODE\b(?!\(\[?enable)/.test(macros)
  const pairs = [
    [own, 'configure'],
    ['acinclude.m4', 'configure'],
    ...(rebuilds ? [['Makefile.am', 'Makefile.in'] as const, [own, 'Makefile.in'] as const, [own, 'aclocal.m4'] as const] : []),
  ] as const
  const found = pairs.find(
    ([source, made]) => texts[source] !== undefined && (changed[source] ?? 0) > (changed[made] ?? Number.POSITIVE_INFINITY),
  )
  return found && {source: found[0], made: found[1]}
}

/** Scripts that make a configure, in checkouts. */
const SCRIPTS = ['autogen.sh', 'bootstrap', 'bootstrap.sh', 'buildconf']

export function guessAutoconf(tree: SourceTree): ProjectGuess {
  const {texts} = tree
  const own = sourceOf(tree) as string
  const macros = macrosOf(tree)
  const script = SCRIPTS.find(name => texts[name] !== undefined)
  const {steps, ...rest} = makeSteps(texts['Makefile.in'], /\bAM_INIT_AUTOMAKE\b/.test(macros))
  return {
    because: `${thereIs(script ?? own)}, and no configure`,
    kind: 'autotools',
    packages: ['autoconf', ...packagesFor(macros, MACROS), ...packagesFor(macros, TOOLS)],
    steps: {configure: once(`${script === undefined ? 'autoreconf -fi' : callOf(script, tree)}\n./configure`, own), ...steps},
    ...rest,
  }
}

/** Many an autogen.sh also configures, unless it is told not to. One that cannot be executed is for a shell. */
function callOf(script: string, {texts, executable}: SourceTree): string {
  const shell = /^#!.*\bbash\b/.test(texts[script] ?? '') ? 'bash ' : 'sh '
  return `${script === 'autogen.sh' ? 'NOCONFIGURE=1 ' : ''}${executable.has(script) ? '' : shell}./${script}`
}
