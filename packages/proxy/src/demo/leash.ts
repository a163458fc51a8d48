/**
 * Preloaded into every process that the demo starts, so that none outlives it: when the channel to the demo
 * closes, however the demo ended, the process gets the signal that it would have got in an orderly end.
 */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));

// Waiting for the end of the demo is no reason to go on.
process.channel?.unref();
