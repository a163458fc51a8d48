import type { Hono } from 'hono';

/**
 * Puts middleware in front of a listener's routes: `(app) => app.use(logger())`. Called once for each listener before it
 * opens, and again when a reload changes its routes; state that must outlive that, such as a rate limiter's, belongs
 * outside of it. A listener for which it adds nothing is served as if there were no middleware.
 *
 * @param app the app whose last handler, added afterwards, is the proxy; its own handlers may answer, too
 * @param listener the name of the listener
 */
export type Middleware = (app: Hono, listener: string) => void;
