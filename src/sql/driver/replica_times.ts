/** The times of replicas, in milliseconds. */
interface ReplicaTimes {
  /** How long the result of a check is used. */
  checked: number;
  /** How long a check may take. */
  answer: number;
  /** How long a replica that failed is left out. */
  failed: number;
  /** How long a replica that is behind is left out. */
  behind: number;
}

/** The times of all connections. Tests shorten them. */
export const TIMES: ReplicaTimes = {
  checked: 1_000,
  answer: 2_000,
  failed: 10_000,
  behind: 500,
};
