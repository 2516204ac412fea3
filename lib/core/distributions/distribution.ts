export type DistributionName = 'debian' | 'ubuntu'

/** What packages are wanted, from where. */
export interface WantedArchive {
  /** The release's name in its archive: bookworm, noble. */
  suite: string
  architectures: readonly string[]
  /** undefined: the distribution's own. */
  mirror: string | undefined
}

/**
 * A distribution whose packages are dpkg's, fetched by apt: what one has otherwise than another. How packages are listed and
 * installed, and their sources fetched, is the same for all of them (lib/core/debian, lib/twins/packages.ts, lib/packages).
 */
export interface Distribution {
  label: string
  keys: ArchiveKeys
  /** The address of an architecture's archive. */
  mirror: (architecture: string) => string
  /** Where a root's packages come from, as mmdebstrap takes it: nothing, mirrors, lines of sources.list. man 1 mmdebstrap, MIRROR */
  sources: (wanted: WantedArchive) => readonly string[]
  /** The page that tells which packages of a suite have a file of that name. */
  fileSearch: (suite: string, name: string) => string
  /** A version without what marks an update of the release: two that differ in no more are of one revision. */
  withoutUpdate: (version: string) => string
}

/** The keys by which the archive's indices are signed. */
export interface ArchiveKeys {
  /** Which package has them, on the host. */
  package: string
  /** The file in /usr/share/keyrings that has all of them. */
  isWhole: (file: string) => boolean
  /** The suite of a file there that has one's alone. */
  suiteOf: (file: string) => string | undefined
}
