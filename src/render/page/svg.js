// In a browser the picture becomes a page: what was drawn without a script gives way to the graph that can be zoomed.
{
  const data = JSON.parse(document.getElementById("data").textContent);
  const drawn = document.getElementById("static"), root = document.documentElement;
  const place = shape("foreignObject", { width: "100%", height: "100%" });
  const page = element("div", { class: "page" });
  const host = element("div", { id: "flame" });
  for (const text of drawn.querySelectorAll("#static > text:not(.width)")) {
    page.append(element("p", { class: text.getAttribute("class") }, text.textContent));
  }
  // Or a phone would lay it out for a screen that is twice as wide.
  page.append(host, element("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }));
  place.append(page);
  for (const name of ["viewBox", "width", "height"]) root.removeAttribute(name);
  root.setAttribute("role", "document");
  drawn.replaceWith(place);
  new Flame(host, data, { metricSwitch: true, width: drawn.dataset.width });
}
