/** Waits a while, between half of it and all of it, so that several who wait do not meet; at once over when the signal says so. */
export function pause(
  milliseconds: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const over = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", over);
      resolve();
    };
    const timer = setTimeout(over, milliseconds * (0.5 + Math.random() / 2));
    signal?.addEventListener("abort", over);
  });
}
