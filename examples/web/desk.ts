/**
 * The desk: devices side by side, each in its own frame. The address holds
 * their number, so that a reload keeps them.
 *
 * @module
 */
import { get, make } from "./dom.ts";
import { type DeviceState, watchDevices } from "./presence.ts";

const MAXIMUM_DEVICES = 8;

const stateWords: Record<DeviceState, string> = {
  signed_in: "Signed in",
  signed_out: "Signed out",
  ended: "Ended",
};

const address = new URL(location.href);
const wanted = Number(address.searchParams.get("devices"));
/** The link of each device on the desk, by the device's number. */
const links = new Map<string, HTMLAnchorElement>();
/** The highest number given out, to a frame or to a window. */
let highest = 0;

const others = watchDevices((devices) => {
  for (const [device, link] of links) showState(link, devices.get(device));
  // Once one device is signed in, a second one is the next step.
  const isSignedIn = [...devices.values()].some(({ state }) =>
    state === "signed_in"
  );
  get("open").classList.toggle("primary", isSignedIn);
});
for (let n = 0; n < Math.min(Math.max(wanted, 1), MAXIMUM_DEVICES); n++) open();

get("open").addEventListener("click", () => {
  const frame = open();
  // On a phone the new device would otherwise open below the screen.
  frame.addEventListener(
    "load",
    () => frame.scrollIntoView({ block: "nearest" }),
    { once: true },
  );
  address.searchParams.set("devices", String(links.size));
  history.replaceState(null, "", address);
  get("opened").textContent = `${frame.title} is open.`;
});

get("window").addEventListener("click", () => {
  highest++;
  // The browser reads the link after this handler has returned.
  setTimeout(updateWindowLink);
});

function open(): HTMLIFrameElement {
  const device = String(++highest);
  const name = `Device ${device}`;
  const frame = make("iframe", {
    id: `device-${device}`,
    title: name,
    src: `device.html?device=${device}`,
  });
  frame.addEventListener("load", () => fitHeight(frame));
  get("devices").lastElementChild!.before(frame);

  const link = make("a", { href: `#${frame.id}` }, name, " ", make("span"));
  get("overview").append(make("li", {}, link));
  links.set(device, link);
  showState(link, others.get(device));
  get("overview").parentElement!.hidden = links.size < 2;
  updateWindowLink();
  return frame;
}

function showState(
  link: HTMLAnchorElement,
  info: { state: DeviceState } | undefined,
): void {
  link.dataset.state = info?.state ?? "loading";
  link.lastElementChild!.textContent = info
    ? stateWords[info.state]
    : "Loading …";
}

/** Points the link to the next free number. */
function updateWindowLink(): void {
  get<HTMLAnchorElement>("window").href = `device.html?device=${highest + 1}`;
}

/** Makes the frame as high as its content, so that only the page scrolls. */
function fitHeight(frame: HTMLIFrameElement): void {
  const page = frame.contentDocument!.documentElement;
  new ResizeObserver(() => {
    frame.style.height = `${page.offsetHeight}px`;
  }).observe(page);
}
