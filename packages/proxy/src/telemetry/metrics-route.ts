import { Hono } from 'hono';
import { PROMETHEUS_TYPE } from './prometheus-text.ts';

/** What Prometheus reads, made anew for each that asks. */
interface Told {
  text(): Promise<string>;
}

export const serveMetrics = (app: Hono, metrics: Told): void => {
  app.get('/metrics', async (context) =>
    context.text(await metrics.text(), 200, { 'Content-Type': PROMETHEUS_TYPE }),
  );
};

/** An app that serves nothing else, so that whoever may read metrics can do nothing else. */
export function metricsApp(metrics: Told): Hono {
  const app = new Hono();
  serveMetrics(app, metrics);
  return app;
}
