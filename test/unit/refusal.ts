import type {ErrorReason} from '../../lib/core/errors.js'

/** What t.throws and t.rejects compare an XbuildError with. */
export const refusal = (reason: ErrorReason, more: {message?: string | RegExp; hint?: string | RegExp} = {}) => ({
  name: 'XbuildError',
  reason,
  ...more,
})
