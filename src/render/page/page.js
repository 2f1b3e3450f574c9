// The page of a flame graph alone.
{
  const data = JSON.parse(document.getElementById("data").textContent);
  const host = document.getElementById("flame");
  new Flame(host, data, { metricSwitch: true, width: host.dataset.width });
}
