// SPDX-License-Identifier: Apache-2.0
// Daywire's widgets: one module, loaded by the page itself and by sites that embed them.
//
//   <daywire-statements [limit]>    the newest statements     sends daywire-statement { change, statement }
//   <daywire-lead [statement]>      the lead, or that one     sends daywire-statement
//   <daywire-counter counter>       a counter's sentence      sends daywire-tick { tick, removed }
//   <daywire-counters [group]>      all of them, or one group
//   <daywire-status>                live or as of when        sends daywire-state { state }
//   <daywire-clock time-zone [label]>   <daywire-date>
//
// `server` (else <meta name="daywire-server">, else where this module came from), `lang` and `time-zone` are taken from the nearest
// ancestor that has them. Events bubble. Markup found inside is gone on with, from the cursor in [data-cursor].

import { DaywireClock } from './daywire-clock.js';
import { DaywireCounter } from './daywire-counter.js';
import { DaywireCounters } from './daywire-counters.js';
import { DaywireDate } from './daywire-date.js';
import { DaywireLead } from './daywire-lead.js';
import { DaywireStatements } from './daywire-statements.js';
import { DaywireStatus } from './daywire-status.js';
import { define } from './element.js';

export { DaywireClock, DaywireCounter, DaywireCounters, DaywireDate, DaywireLead, DaywireStatements, DaywireStatus };

define('daywire-clock', DaywireClock);
define('daywire-counter', DaywireCounter);
define('daywire-counters', DaywireCounters);
define('daywire-date', DaywireDate);
define('daywire-lead', DaywireLead);
define('daywire-statements', DaywireStatements);
define('daywire-status', DaywireStatus);
