import type {Recipe} from '../config/userland.js'
import {contentKey} from '../core/key.js'
import {STUB} from '../core/places.js'
import {quote} from '../core/shell-words.js'

/** In a root: the names of the programs that were built in it, with their versions. */
export const BUILT = '/usr/lib/xbuild-env/userland'

/** What a userland is made of: whoever would make the same gets the layer that is there. */
export const userlandKey = (root: string, recipes: readonly Recipe[]) => contentKey({userland: 1, root, recipes})

/** The recipes in groups, each of which needs nothing but the groups before it: those of one are built side by side. */
export function waves(recipes: readonly Recipe[]): Recipe[][] {
  const found: Recipe[][] = []
  let left = [...recipes]
  while (left.length > 0) {
    const names = left.map(({name}) => name)
    const ready = left.filter(({after}) => !after.some(name => names.includes(name)))
    if (ready.length === 0) throw new Error(`recipes wait for each other: ${names.join(', ')}`)
    found.push(ready)
    left = left.filter(recipe => !ready.includes(recipe))
  }
  return found
}

const fill = (text: string, triple: string) => text.replaceAll('{triple}', triple)

/**
 * What automake and autoconf made is newer than what the distribution's patches changed, or make would make it anew, by
 * versions of these tools that a source was not written for.
 */
const KEEP_GENERATED = `find . -name aclocal.m4 -exec touch {} +
find . '(' -name configure -o -name 'config.h*in' -o -name Makefile.in ')' -exec touch {} +`

/** Builds a program, and installs it into $DESTDIR. */
export const buildScript = ({build}: Recipe, triple: string) => `set -e\n${KEEP_GENERATED}\n${fill(build, triple)}\n`

/** What was built, to be put into a root. */
export interface BuiltRecipe {
  recipe: Recipe
  version: string
  /** Where $DESTDIR was. */
  destination: string
}

/**
 * Puts what was installed in place of the root's stubs, with the files that the recipe names besides. `touch` tells
 * that the root's programs are others now, as dpkg would.
 */
export const installScript = (built: readonly BuiltRecipe[], triple: string) =>
  `set -e
mkdir -p ${BUILT}
${built.map(one => installOne(one, triple)).join('\n')}
touch /var/lib/dpkg/status
`

const installOne = ({recipe: {name, keep}, version, destination}: BuiltRecipe, triple: string) => `cd ${quote(destination)}
find . ! -type d | while read -r file; do
  target=\${file#.}
  kept=no
  case $target in ${[...keep.map(pattern => fill(pattern, triple)), "''"].join('|')}) kept=yes;; esac
  if [ "$target" -ef ${STUB} ] || [ $kept = yes ]; then
    mkdir -p "\${target%/*}"
    cp -a --no-preserve=ownership --remove-destination "$file" "$target"
  fi
done
echo ${quote(version)} >${BUILT}/${name}`
