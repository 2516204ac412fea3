import type {TraceHeader} from '../core/trace-format.js'
import type {Ledger} from '../core/trace-ledger.js'
import type {Spans} from '../core/trace-spans.js'
export const tracePage = (header: TraceHeader, ledger: Ledger, built: Spans): string => JSON.stringify({header, ledger, built})
