import { pause } from "../../src/base/pause.ts";
import { untilEqual } from "./waiting.ts";

/** The number of SIGINT. */
const SIGINT = 2;

/** Sends SIGINT to a program that listens for it, and gives it the time to handle it. */
export async function interrupt(child: Deno.ChildProcess): Promise<void> {
  child.kill("SIGINT");
  if (Deno.build.os === "linux") {
    const isPending = () => isSignalPending(child.pid, SIGINT);
    await untilEqual("a pending SIGINT", isPending, false);
  }
  await pause(500);
}

/** Whether a process has not received a signal yet; false if it has ended. */
async function isSignalPending(pid: number, signal: number): Promise<boolean> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => "");
  const [, pending = "0"] = /^ShdPnd:\s*([\da-f]+)$/m.exec(status) ?? [];
  return (BigInt(`0x${pending}`) >> BigInt(signal - 1) & 1n) === 1n;
}
