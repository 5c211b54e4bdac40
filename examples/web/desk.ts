/**
 * The desk: devices side by side, each in a frame of its own. How many there
 * are stands in the address, so that a reload keeps them.
 *
 * @module
 */
import { get, make } from "./dom.ts";

const MOST_DEVICES = 8;

const address = new URL(location.href);
const wanted = Number(address.searchParams.get("devices"));
let onDesk = 0;
/** Devices in windows of their own have a number too. */
let last = 0;

for (let n = 0; n < Math.min(Math.max(wanted, 1), MOST_DEVICES); n++) open();

get("open").addEventListener("click", () => {
  const name = open();
  address.searchParams.set("devices", String(onDesk));
  history.replaceState(null, "", address);
  get("opened").textContent = `${name} is open.`;
});

get("window").addEventListener("click", () => {
  last++;
  // The browser follows the link first.
  setTimeout(offer);
});

function open(): string {
  onDesk++;
  const name = `Device ${++last}`;
  const frame = make("iframe", {
    title: name,
    src: `device.html?device=${last}`,
  });
  frame.addEventListener("load", () => fit(frame));
  get("devices").lastElementChild!.before(frame);
  offer();
  return name;
}

/** Lets the link lead to the next device. */
function offer(): void {
  get<HTMLAnchorElement>("window").href = `device.html?device=${last + 1}`;
}

/** As high as its content: one scroll bar, the page's, is enough. */
function fit(frame: HTMLIFrameElement): void {
  const page = frame.contentDocument!.documentElement;
  new ResizeObserver(() => {
    frame.style.height = `${page.offsetHeight}px`;
  }).observe(page);
}
