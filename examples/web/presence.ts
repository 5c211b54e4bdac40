/**
 * What the devices in this browser tell one another and the desk: whether each
 * is signed in, and as whom. It serves the demo alone; the session client does
 * not need it.
 *
 * @module
 */

/** Where a device is between sign-in and sign-out. */
export type DeviceState = "signed_in" | "signed_out" | "ended";

/** One device, as it describes itself. */
export interface DeviceInfo {
  device: string;
  state: DeviceState;
  email?: string;
}

type Message =
  | { type: "question" }
  | { type: "answer"; info: DeviceInfo }
  | { type: "closed"; device: string };

/**
 * Follows the devices that are open in this browser.
 *
 * @param onChange called with all known devices after each change
 * @returns the devices, by number, kept current
 */
export function watchDevices(
  onChange: (devices: ReadonlyMap<string, DeviceInfo>) => void,
): ReadonlyMap<string, DeviceInfo> {
  const devices = new Map<string, DeviceInfo>();
  const channel = openChannel();
  channel.addEventListener("message", ({ data }: MessageEvent<Message>) => {
    if (data.type === "answer") devices.set(data.info.device, data.info);
    else if (data.type === "closed") devices.delete(data.device);
    else return;
    onChange(devices);
  });
  send(channel, { type: "question" });
  return devices;
}

/**
 * Lets a device describe itself, now and whenever somebody asks.
 *
 * @returns the function that announces a new state
 */
export function announceDevice(
  device: string,
): (info: Omit<DeviceInfo, "device">) => void {
  const channel = openChannel();
  let current: DeviceInfo | undefined;
  const answer = () => {
    if (current) send(channel, { type: "answer", info: current });
  };
  channel.addEventListener("message", ({ data }: MessageEvent<Message>) => {
    if (data.type === "question") answer();
  });
  addEventListener("pagehide", () => send(channel, { type: "closed", device }));
  // The browser may show the page again from its cache.
  addEventListener("pageshow", answer);
  return (info) => {
    current = { device, ...info };
    answer();
  };
}

function openChannel(): BroadcastChannel {
  return new BroadcastChannel("latchkey.devices");
}

function send(channel: BroadcastChannel, message: Message): void {
  channel.postMessage(message);
}
