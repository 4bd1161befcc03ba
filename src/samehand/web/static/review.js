"use strict";
// Keys, and small things for the charts. Everything works without it. No text from a log is ever made into markup.
(() => {
  const page = document.body.dataset.page;
  const leads = [...document.querySelectorAll("a.lead")];
  const typing = (target) => target.matches("textarea, select, input:not([type=checkbox]):not([type=radio])");
  const here = () => leads.indexOf(document.activeElement.closest("tr")?.querySelector("a.lead"));
  const judge = (name) => document.querySelector(`#judge input[name=action][value=${name}]`);

  const move = (step) => {
    if (page === "queue" && leads.length) {
      const to = Math.min(Math.max(here() + step, 0), leads.length - 1);
      leads[to].focus();
      leads[to].scrollIntoView({ block: "nearest" });
    } else if (page === "case") {
      const path = step > 0 ? document.body.dataset.after : document.body.dataset.before;
      if (path) location.assign(path);
    }
  };

  const decide = (name) => {
    if (page === "queue" && here() >= 0) {
      location.assign(`${leads[here()].href}?decide=${name}`);
    } else if (page === "case" && judge(name)) {
      judge(name).checked = true;
      document.getElementById("judge-reason").focus();
      document.getElementById("decide").scrollIntoView({ block: "start" });
    }
  };

  const tick = () => document.activeElement.closest("tr")?.querySelector("input[type=checkbox]")?.click();

  const help = async () => {
    const open = document.querySelector("dialog");
    if (open) { open.close(); return; }
    // The help page of this app, from its own templates.
    const answer = await fetch("/help", { credentials: "same-origin" });
    const content = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("content");
    if (!content) { location.assign("/help"); return; }
    const dialog = document.createElement("dialog");
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "✕";
    close.setAttribute("aria-label", "✕");
    close.addEventListener("click", () => dialog.close());
    dialog.append(close, ...content.childNodes);
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  };

  const keys = {
    j: () => move(1), k: () => move(-1), x: tick, u: () => location.assign("/"),
    c: () => decide("confirm"), d: () => decide("dismiss"), n: () => decide("need_more"),
    "/": () => document.getElementById("q")?.focus(), "?": help,
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const act = Object.hasOwn(keys, event.key) ? keys[event.key] : null;
    if (act && !(document.querySelector("dialog") && event.key !== "?")) {
      event.preventDefault();
      act();
    }
  });
  document.querySelector("[data-help]")?.addEventListener("click", (event) => { event.preventDefault(); help(); });

  // Rasters: a line under the pointer makes it easy to see what stands above one another.
  for (const chart of document.querySelectorAll(".chart.wide svg")) {
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    line.setAttribute("class", "row-line");
    chart.append(line);
    const height = chart.viewBox.baseVal.height;
    chart.addEventListener("pointermove", (event) => {
      const x = (event.offsetX / chart.clientWidth) * chart.viewBox.baseVal.width;
      line.setAttribute("d", `M${x.toFixed(1)} 0V${height - 20}`);
    });
    chart.addEventListener("pointerleave", () => line.removeAttribute("d"));
  }
})();
