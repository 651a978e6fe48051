"use strict";
{
  const text = (id) => document.getElementById(id).textContent;
  const data = (id) => JSON.parse(text(id));
  const charts = data("charts");
  const trends = data("trends");
  const sections = [...document.querySelectorAll("[data-page]")];
  const views = new WeakMap();
  const DAY = 86400000;

  // What a cell says: a day as an instant, a count, a share, or nothing. Headings are words.
  const value = (cell, field) => {
    const text = cell.textContent.trim();
    if (field === "period") return Date.parse(text + "T00:00:00Z");
    if (cell.tagName === "TH") return text.replace(/\s+/g, " ");
    const number = parseFloat(text.replaceAll(",", ""));
    if (Number.isNaN(number)) return null;
    return text.endsWith("%") ? number / 100 : number;
  };

  const rows = (table) => {
    const fields = [...table.tHead.rows[0].cells].map((cell) => cell.dataset.field);
    const all = [...table.tBodies[0].rows].map((row) => {
      const found = {};
      fields.forEach((field, n) => {
        if (field) found[field] = value(row.cells[n], field);
      });
      return found;
    });
    all.forEach((row, n) => {
      row.until = all[n + 1]?.period ?? row.period + (row.period - all[n - 1]?.period || DAY);
    });
    return all;
  };

  // Vega comes packed; it is unpacked once, before the first chart.
  const loaded = (async () => {
    const packed = Uint8Array.from(atob(text("runtime")), (one) => one.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.textContent = await new Response(stream).text();
    document.head.append(script);
  })();

  const draw = async (place) => {
    await loaded;
    const table = place.closest("figure").querySelector("table");
    views.get(place)?.finalize();
    const found = rows(table);
    const spec = { ...charts[place.dataset.chart], datasets: { table: found } };
    // A width that fits its container does not go with a height in steps.
    if (spec.height.step) spec.height = spec.height.step * found.length;
    views.set(place, await vegaEmbed(place, spec, { actions: false, renderer: "svg" }));
    place.dataset.drawn = "yes";
  };

  // The trend by day, week (from Monday) or month, from its days.
  const periodOf = {
    day: (day) => day,
    week: (day) => day - ((new Date(day).getUTCDay() + 6) % 7) * DAY,
    month: (day) => new Date(day).setUTCDate(1),
  };

  const summed = (trend, by) => {
    const found = [];
    const first = Date.parse(trend.from + "T00:00:00Z");
    const names = ["enrolled", "new_recipients", "met_goal", "converted"];
    let recipients = 0;
    let converted = 0;
    trend.enrolled.forEach((_, n) => {
      const period = periodOf[by](first + n * DAY);
      if (found.at(-1)?.period !== period) found.push({ period, counts: [0, 0, 0, 0], rate: null });
      names.forEach((name, which) => { found.at(-1).counts[which] += trend[name][n]; });
      recipients += trend.new_recipients[n];
      converted += trend.converted[n];
      if (trend.rated && recipients) found.at(-1).rate = converted / recipients;
    });
    return found;
  };

  const percent = (share) => (share === null ? "-" : `${(100 * share).toFixed(1)} %`);

  const tabulate = (section) => {
    const body = section.querySelector(".trend tbody");
    if (!body) return;
    const by = section.querySelector(".by input:checked").value;
    body.replaceChildren(...summed(trends[section.dataset.workflow], by).map((one) => {
      const row = document.createElement("tr");
      const head = document.createElement("th");
      head.scope = "row";
      head.textContent = new Date(one.period).toISOString().slice(0, 10);
      row.append(head);
      const counts = one.counts.map((count) => count.toLocaleString("en-US"));
      for (const text of [...counts, percent(one.rate)]) row.insertCell().textContent = text;
      return row;
    }));
  };

  const show = () => {
    const wanted = location.hash.slice(1);
    const shown = sections.find((section) => section.dataset.page === wanted) ?? sections[0];
    for (const section of sections) section.hidden = section !== shown;
    tabulate(shown);
    shown.querySelectorAll(".chart:not([data-drawn])").forEach(draw);
    return shown;
  };

  for (const section of sections) {
    section.querySelector(".by")?.addEventListener("change", () => {
      tabulate(section);
      section.querySelectorAll(".trend .chart").forEach(draw);
    });
  }

  // Tables whose headings are buttons are sorted by them; unknown values come last.
  const sort = (heading) => {
    const table = heading.closest("table");
    const field = heading.dataset.field;
    const down = heading.getAttribute("aria-sort") !== "descending" && field !== "workflow";
    const order = down ? -1 : 1;
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const values = rows(table).map((row, n) => [row[field], table.tBodies[0].rows[n]]);
    values.sort(([a], [b]) => {
      if (a === null || b === null) return (a === null) - (b === null);
      return order * (typeof a === "string" ? a.localeCompare(b) : a - b);
    });
    table.tBodies[0].append(...values.map(([, row]) => row));
  };

  for (const heading of document.querySelectorAll(".sortable thead th")) {
    const button = document.createElement("button");
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sort(heading));
    heading.append(button);
  }

  window.addEventListener("hashchange", () => {
    show().querySelector("h1").focus();
    window.scrollTo(0, 0);
  });
  const tables = () => document.querySelectorAll("section:not([hidden]) details");
  window.addEventListener("beforeprint", () => tables().forEach((one) => { one.open = true; }));
  window.addEventListener("resize", () => {
    document.querySelectorAll("section:not([hidden]) .chart").forEach((place) => {
      views.get(place)?.view.resize().runAsync();
    });
  });
  show();
}
