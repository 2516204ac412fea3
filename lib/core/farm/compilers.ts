import {parseRelations} from '../debian/relations.js'
import type {Route} from '../twins/route.js'

/** Packages with what distcc has other machines run: drivers and compilers of C, C++ and their Objective kin, and assemblers. */
const COMPILERS = /^(gcc|g\+\+|cpp|gobjc|gobjc\+\+|clang|binutils)(-|$)/

export const compilerRoutes = (routes: readonly Route[]): Route[] => routes.filter(route => COMPILERS.test(route.package))

/** The C compiler proper: where it is not routed, every compilation would be emulated. gcc's own directory, by its version. */
export const hasCompiler = (routes: readonly Route[]): boolean => routes.some(({path}) => /\/cc1$/.test(path))

/** What tells one twin of a compiler from another. */
export const routeFacts = ({path, twin, twinSize, sum, rule}: Route) => [path, twin, twinSize, sum ?? '', rule ?? '']

/** The packages of a twin set that may have the twins: those of the root's names, or of the cross compiler for its triple. */
export function twinPackages(routes: readonly Route[], triple: string): Set<string> {
  const ending = triple.replaceAll('_', '-')
  return new Set(routes.flatMap(route => [route.package, `${route.package}-${ending}`]))
}

/** Name and version of some packages and of all that they depend on, from dpkg's status file of the tree that has them, sorted. */
export function withDependencies(status: string, names: Iterable<string>): string[] {
  const known = new Map(status.split('\n\n').map(stanza => [field(stanza, 'Package'), stanza]))
  const found = new Map<string, string>()
  const visit = (name: string): void => {
    const stanza = known.get(name)
    if (stanza === undefined || found.has(name)) return
    found.set(name, field(stanza, 'Version'))
    const relations = parseRelations([field(stanza, 'Pre-Depends'), field(stanza, 'Depends')].filter(Boolean).join(', '))
    for (const relation of relations.flat()) visit(relation.name)
  }
  for (const name of names) visit(name)
  return [...found].map(([name, version]) => `${name} ${version}`).sort()
}

const field = (stanza: string, name: string): string => new RegExp(`^${name}: *(.*)$`, 'm').exec(stanza)?.[1] ?? ''
