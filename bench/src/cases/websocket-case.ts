import type { Answering } from '../endpoints/answers.ts';
import { startEchoEndpoints } from '../endpoints/endpoints.ts';
import { startEntrant } from '../entrant.ts';
import { closedLoopColumns, describeLoad, describeTrial, loadNotes } from '../load/load-columns.ts';
import { loadEntry } from '../load/load-entry.ts';
import { applyMessages } from '../load/websocket-load.ts';
import { CHRT } from '../machine/programs.ts';
import { benchCase } from './bench-case.ts';

/** How the endpoints answer a request without an upgrade. */
const PLAIN_ANSWER: Answering = { bytes: 'ok'.length, locations: () => '' };

const MESSAGE_BYTES = 64;

/** Messages through WebSockets that are open: each connection sends the next one when the last one has come back. */
export const webSocketCase = benchCase({
  name: 'websocket',
  summary: `messages of ${MESSAGE_BYTES} bytes through WebSockets, echoed by the endpoint`,
  scale: { rounds: 3, seconds: 2, warmUpSeconds: 2, connections: 64, sessions: 64 },
  programs: [CHRT],
  needsWebSocket: true,
  startEndpoints: startEchoEndpoints,
  async enter(contender, conditions) {
    const entrant = await startEntrant(contender, { answering: PLAIN_ANSWER }, conditions);
    const { cores, connections, warmUpSeconds } = conditions;
    const load = { cores: cores.rest, connections, messageBytes: MESSAGE_BYTES };
    await applyMessages(entrant, { ...load, seconds: warmUpSeconds });
    return loadEntry(entrant, conditions, (seconds) => applyMessages(entrant, { ...load, seconds }));
  },
  columns: closedLoopColumns('message'),
  describeTrial,
  describe: describeLoad,
  notes: loadNotes,
});
