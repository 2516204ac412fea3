import type {TargetFacts} from '../../../lib/core/twins/route.js'

/** What twins of mips64el are made for. */
export const TARGET: TargetFacts = {
  triple: 'mips64el-linux-gnuabi64',
  architecture: 'mips64el',
  machine: 'mips64el-unknown-linux-gnuabi64',
  uname: 'mips64',
  errors: 'own',
  bits: 64,
  char: 'signed',
  endian: 'little',
  distribution: 'debian',
  skew: 'allowed',
}
