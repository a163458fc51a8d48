import { counter, gauge, stateGauge } from '../metric.ts';

/** The node among the others, and the configuration that it goes by. */
export const CLUSTER_METRICS = {
  members: gauge('holdfast.cluster.members', {
    unit: '{node}',
    description:
      'Nodes of the cluster by state, as this node sees them; itself is one of those that are alive.',
    attributes: ['holdfast.member.state'],
    merge: 'first',
  }),
  cutOff: gauge('holdfast.cluster.cut_off', {
    unit: '',
    description: 'Whether this node does not reach most of the endpoints that the others reach.',
    attributes: [],
    merge: 'max',
  }),
  configurations: gauge('holdfast.cluster.configurations', {
    unit: '{configuration}',
    description: 'How many different configurations the living nodes go by. 1: they agree.',
    attributes: [],
    merge: 'first',
  }),
  disputedEndpoints: gauge('holdfast.cluster.disputed_endpoints', {
    unit: '{endpoint}',
    description: 'Endpoints that some of the living nodes hold down, while most of them do not.',
    attributes: [],
    merge: 'first',
  }),
  reloads: counter('holdfast.config.reloads', {
    unit: '{reload}',
    description: 'Reloads of the configuration: applied, or refused with the one before left in force.',
    attributes: ['holdfast.config.reload.result'],
  }),
  config: gauge('holdfast.config.info', {
    unit: '',
    description:
      '1, for the configuration that the node goes by. Nodes with one fingerprint treat sessions alike.',
    attributes: ['holdfast.config.fingerprint'],
    merge: 'first',
  }),
  certificateExpiry: gauge('holdfast.tls.certificate.expiry', {
    unit: 's',
    description:
      'When the certificates that listeners show expire, in seconds since 1970: those in use, which are read again when their files change.',
    attributes: ['holdfast.listener', 'holdfast.certificate.file'],
    merge: 'min',
  }),
  phase: stateGauge('holdfast.node.phase', {
    description: '1 for where the node is in its life. Only a serving one is ready.',
    attributes: ['holdfast.node.phase'],
    states: ['serving', 'starting', 'leaving'],
  }),
} as const;
