/** How much of a case is run. Each case has its own defaults, which the command line may replace. */
export interface Scale {
  /** Times that every contender is measured. */
  readonly rounds: number;
  /** Measured seconds of one contender in one round. */
  readonly seconds: number;
  /** Seconds of load on each contender before the first round. */
  readonly warmUpSeconds: number;
  /** Client connections, each with one request at a time. */
  readonly connections: number;
  /** Sessions that the requests belong to. */
  readonly sessions: number;
}
