import type { CallLimits } from "./call_limits.ts";
import type { Sender } from "./sender.ts";

/**
 * Returns a sender whose statements end at their signal, and at the time limit of
 * a call unless `isTimed` is false.
 */
export function limitedSender(
  sender: Sender,
  limits: CallLimits,
  isTimed: boolean = true,
): Sender {
  const isAlwaysLimited = isTimed && limits.isTimed;
  return {
    ...sender,
    send(client, command, rows) {
      const { signal } = command;
      if (signal === undefined && !isAlwaysLimited) {
        return sender.send(client, command, rows);
      }
      return limits.run(client, {
        begin: () => sender.send(client, command, rows),
        signal,
        isTimed,
      });
    },
  };
}
