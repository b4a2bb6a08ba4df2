/** The times of {@link createPeerWatch} and of the end of statements, in milliseconds. */
export interface WatchTimes {
  /** Between two looks at the waiting clients. */
  tick: number;
  /** The looks without a received or an accepted byte after which the server is asked about a client. */
  silentTicks: number;
  /** How long the server may take to answer a new connection. */
  answer: number;
  /** How long a statement may take to end after a request to cancel it. */
  grace: number;
}

/** The times of all connections. A server that does not answer is noticed within 8 to 10 s and tried twice for 7 s: 24 s at most. Tests shorten them. */
export const TIMES: WatchTimes = {
  tick: 2_000,
  silentTicks: 4,
  answer: 7_000,
  grace: 2_000,
};

/** Returns times with which a server that does not answer is noticed within some milliseconds. */
export function timesWithin(milliseconds: number): WatchTimes {
  return {
    tick: milliseconds / 10,
    silentTicks: 3,
    answer: milliseconds / 5,
    grace: TIMES.grace,
  };
}
