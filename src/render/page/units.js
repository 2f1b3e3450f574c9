"use strict";
// Numbers as the tables write them: units.rs, in the browser.

/** Digits in groups of three. */
function grouped(number) {
  return String(Math.abs(number)).replace(/\B(?=(\d{3})+$)/g, ",").replace(/^/, number < 0 ? "-" : "");
}

/** Bytes in units of 1024, three digits. */
function iec(number) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
  let size = Math.abs(number), unit = 0;
  for (; size >= 1023.5 && unit + 1 < units.length; unit++) size /= 1024;
  const decimals = unit === 0 ? 0 : size < 9.995 ? 2 : size < 99.95 ? 1 : 0;
  return `${number < 0 ? "-" : ""}${size.toFixed(decimals)}\u00a0${units[unit]}`;
}

/** A text that does not wrap between a number and its unit. */
function unbroken(text) {
  return text.replace(/(\d) (?=([KMGTPE]i)?B\b|%)/g, "$1\u00a0");
}

/** Writers of the values of a page's metrics. */
class Units {
  constructor(data) {
    this.raw = data.raw_bytes;
  }

  value(metric, number) {
    return metric === "objects" ? grouped(number) : this.raw ? String(number) : iec(number);
  }

  delta(metric, number) {
    return (number > 0 ? "+" : "") + this.value(metric, number);
  }

  both(metric, base, current) {
    return `${this.value(metric, base)} → ${this.value(metric, current)}`;
  }
}

/** For who cannot tell the colours. */
function sign(change) {
  return change > 0 ? "▲ " : change < 0 ? "▼ " : "";
}

/** An element with attributes and children; texts are text, whatever is in them. */
function element(name, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/1999/xhtml", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Likewise of a picture. */
function shape(name, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Buttons of which one is on: `choices` are pairs of a value and a text. */
function choice(label, choices, chosen, onChoose) {
  const group = element("span", { class: "choice", role: "group", "aria-label": label });
  const choose = (value) => {
    for (const button of group.children) button.setAttribute("aria-pressed", String(button.value === value));
  };
  for (const [value, text] of choices) {
    const button = element("button", { type: "button", value }, text);
    button.addEventListener("click", () => {
      choose(value);
      onChoose(value);
    });
    group.append(button);
  }
  choose(chosen);
  return group;
}
