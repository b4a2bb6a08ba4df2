/** A batch that a lane fills and writes. */
interface LaneBatch {
  readonly size: number;
  /** Does what its write needs no database for; called when it is full. */
  writer(): unknown;
}

/** A batch that is filled, while the one before is written. */
interface Lane<Batch> {
  readonly batch: Batch;
  /** Writes its batch, when the one before is written, and begins another one. Rejects if a write failed. */
  send(): Promise<void>;
}

/** Batches that are filled and written at the same time. */
interface Lanes<Batch> {
  /** Returns the lane of a key. */
  of(key: string): Lane<Batch>;
  /** Returns a promise for the end of the writes that run, which rejects as soon as one fails; undefined if none runs. */
  working(): Promise<void> | undefined;
  /** Writes what is left. */
  sendRest(): Promise<void>;
  /** Returns the error of the first write that failed, when no write runs any more; undefined if none failed. */
  failure(): Promise<{ readonly error: unknown } | undefined>;
}

/** Creates lanes, each of which writes its batches one after the other. */
export function createLanes<Batch extends LaneBatch>(
  { count, create, write }: {
    /** The number of lanes. */
    readonly count: number;
    /** Creates an empty batch. */
    readonly create: () => Batch;
    readonly write: (batch: Batch) => Promise<void>;
  },
): Lanes<Batch> {
  let failure: { readonly error: unknown } | undefined;
  let all: Promise<void> | undefined;
  const first = createLane();
  const lanes = [first, ...Array.from({ length: count - 1 }, createLane)];

  function createLane() {
    let batch = create();
    let writing: Promise<void> | undefined;
    return {
      get batch() {
        return batch;
      },
      get writing() {
        return writing;
      },
      async send() {
        const full = batch;
        // The server still works on the batch before.
        full.writer();
        await writing;
        // Another lane may have failed.
        if (failure !== undefined) throw failure.error;
        batch = create();
        const work = writing = write(full);
        work.then(() => {
          if (writing === work) writing = undefined;
        }, (error) => {
          failure ??= { error };
        });
        all = Promise.all(lanes.map(({ writing }) => writing)).then(() => {});
        all.catch(() => {});
      },
    };
  }

  return {
    of: (key) => lanes[count === 1 ? 0 : hashOf(key) % count] ?? first,
    working: () =>
      lanes.some(({ writing }) => writing !== undefined) ? all : undefined,
    async sendRest() {
      const rest = lanes.filter(({ batch }) => batch.size > 0);
      await Promise.allSettled(rest.map(({ send }) => send()));
      await Promise.all(lanes.map(({ writing }) => writing));
    },
    async failure() {
      await Promise.allSettled(lanes.map(({ writing }) => writing));
      return failure;
    },
  };
}

/** Returns a whole number of 32 bits that depends on all characters of a text. */
function hashOf(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash, 31) + text.charCodeAt(at) | 0;
  }
  return hash >>> 0;
}
