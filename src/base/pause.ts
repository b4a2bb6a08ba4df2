/** Waits a while; at once over when the signal says so. */
export async function pause(
  milliseconds: number,
  signal?: AbortSignal,
): Promise<void> {
  if (signal?.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = (): void => resolve();
  const timer = setTimeout(end, milliseconds);
  signal?.addEventListener("abort", end, { once: true });
  await promise;
  clearTimeout(timer);
  signal?.removeEventListener("abort", end);
}

/** Between half of some milliseconds and all of them, so that several who wait do not meet. */
export function uneven(milliseconds: number): number {
  return milliseconds * (0.5 + Math.random() / 2);
}
