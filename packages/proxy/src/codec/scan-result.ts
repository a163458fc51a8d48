/**
 * What a scanning step answers: where it ended, counted in the bytes it was given, or one of the two below. Numbers and
 * not objects, because every request passes here several times.
 */
export type ScanResult = number;

/** The bytes end too early to tell. */
export const PARTIAL = -1;
/** The bytes break a rule; the scanner says which. */
export const REJECTED = -2;
