import { hash } from 'node:crypto';
import {
  type EndpointId,
  type EpochMs,
  endpointId,
  type Pin,
  poolName,
  type SessionKey,
  sessionKey,
} from '@holdfast/shared';

/** Endpoints that the sessions are spread over. */
export const ENDPOINTS = 100;

const POOL = poolName('shop');
const IDLE_TIMEOUT_MS = 20 * 60_000;
const ABSOLUTE_TIMEOUT_MS = 24 * 60 * 60_000;
const KEY_LENGTH = 22;

/** A key as uniform as the real ones are, for every number. */
export const keyOf = (index: number): SessionKey =>
  sessionKey(hash('sha256', String(index), 'base64url').slice(0, KEY_LENGTH));

/** `shop/shop-001` and so on. */
export const endpointOf = (index: number): EndpointId =>
  endpointId(POOL, `shop-${String(index % ENDPOINTS).padStart(3, '0')}`);

/** When the session of that number ends unless it is touched: one ends with every millisecond. */
export const deadlineOf = (index: number, startMs: EpochMs): EpochMs => startMs + IDLE_TIMEOUT_MS + index;

/** The pin of a session, at some version. Every version is at the next endpoint. */
export const pinOf = (index: number, version: number, startMs: EpochMs): Pin => ({
  endpoint: endpointOf(index + version - 1),
  version,
  pinnedAtMs: startMs,
  expiresAtMs: deadlineOf(index, startMs),
  endsAtMs: startMs + ABSOLUTE_TIMEOUT_MS,
});
