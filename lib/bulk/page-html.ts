import {escapeHtml, htmlPage} from '../core/html.js'
import {PAGE_SCRIPT} from './page-script.js'
import {TABLE_STYLE} from './page-style.js'

/** The page of a run: what it shows, it loads from beside it, again and again. */
export const runPage = (run: string): string =>
  htmlPage({
    title: run,
    style: TABLE_STYLE,
    files: 'beside',
    body: `<h1 id="run">${escapeHtml(run)}</h1>
<p id="about" class="faint">loading …</p>
<div id="states" class="bar"></div><div id="states-legend" class="legend"></div>
<section id="fault" hidden><h2>Whose fault</h2><div id="faults" class="bar"></div><div id="faults-legend" class="legend"></div></section>
<section id="archived" hidden><h2>Compared with the archive's own packages</h2><div id="archive" class="bar"></div><div id="archive-legend" class="legend"></div></section>
<section id="verified" hidden><h2>Built hybrid and emulated</h2><div id="verify" class="bar"></div><div id="verify-legend" class="legend"></div></section>
<section id="running" hidden><h2>Being built</h2><div class="wide"><table><tr><th>package</th><th>way</th><th>phase</th><th class="number">for</th><th class="number">in all</th><th class="number optional">left</th><th class="optional">node</th></tr><tbody id="jobs"></tbody></table></div></section>
<section id="cluster" hidden><h2>Nodes</h2><div class="wide"><table><tr><th>node</th><th>state</th><th class="number">slots</th><th class="number">building</th><th class="number">load</th><th>why it takes none</th></tr><tbody id="nodes"></tbody></table></div></section>
<section id="failed" hidden><h2>Failures, those that more need first</h2><div class="wide"><table><tr><th>package</th><th>fault</th><th class="optional">reason</th><th class="number optional">needed by</th><th>how</th></tr><tbody id="failures"></tbody></table></div></section>
<section id="costly" hidden><h2>Programs of the distribution that cost the most emulated</h2><div class="wide"><table><tr><th>program</th><th class="number">time</th><th class="number">execs</th><th class="number optional">packages</th><th>why emulated</th></tr><tbody id="programs"></tbody></table></div></section>
<h2>Packages</h2>
<input id="find" type="search" placeholder="name, reason or what went wrong" aria-label="search"> <span id="count" class="faint"></span>
<div id="rows" class="rows" tabindex="0" role="table"><div id="head" class="row head" role="row"></div><div id="space" class="space"></div></div>
<script>${PAGE_SCRIPT}</script>`,
  })
