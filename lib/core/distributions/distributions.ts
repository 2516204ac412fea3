import {DEBIAN} from './debian.js'
import type {Distribution, DistributionName} from './distribution.js'
import {UBUNTU} from './ubuntu.js'

export const DISTRIBUTIONS: Readonly<Record<DistributionName, Distribution>> = {debian: DEBIAN, ubuntu: UBUNTU}
