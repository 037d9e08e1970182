"use strict";
(() => {
  const root = document.documentElement;
  const remembered = { get: () => { try { return localStorage.getItem("theme"); } catch { return null; } },
    set: (theme) => { try { localStorage.setItem("theme", theme); } catch { /* a file may have no storage */ } } };

  // The theme: the system's until somebody says otherwise.
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const button = document.getElementById("theme");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const name = () => { button.textContent = isDark() ? "Light theme" : "Dark theme"; };
  if (["light", "dark"].includes(remembered.get())) root.dataset.theme = remembered.get();
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    remembered.set(root.dataset.theme);
    name();
  });
  dark.addEventListener("change", name);
  name();

  // Tooltips: of the mark that has the focus, or of the one nearest to the pointer.
  const tooltip = document.getElementById("tooltip");
  let shown = null;
  const hide = () => {
    if (shown) shown.classList.remove("on");
    shown = null;
    tooltip.hidden = true;
  };
  const show = (hit) => {
    if (shown === hit) return;
    hide();
    shown = hit;
    hit.classList.add("on");
    tooltip.textContent = hit.getAttribute("aria-label");
    tooltip.hidden = false;
    place(hit);
  };
  const place = (hit) => {
    const at = hit.getBoundingClientRect();
    const box = tooltip.getBoundingClientRect();
    const wide = document.documentElement.clientWidth;
    const left = Math.min(Math.max(8, at.left + at.width / 2 - box.width / 2), wide - box.width - 8);
    const above = at.top - box.height - 6;
    tooltip.style.left = left + "px";
    tooltip.style.top = (above >= 8 ? above : at.bottom + 6) + "px";
  };
  const middle = (hit) => {
    const at = hit.getBoundingClientRect();
    return [at.left + at.width / 2, at.top + at.height / 2];
  };
  for (const group of document.querySelectorAll(".hits")) {
    const hits = [...group.querySelectorAll(".hit")];
    const order = hits.map((hit) => [hit, middle(hit)])
      .sort(([, one], [, other]) => one[0] - other[0] || one[1] - other[1]).map(([hit]) => hit);
    for (const hit of order) hit.setAttribute("tabindex", "-1");
    if (order.length) order[0].setAttribute("tabindex", "0");
    group.addEventListener("pointermove", (event) => {
      if (event.target.tagName === "rect") { show(event.target); return; }
      let best = null;
      let least = 24 * 24;
      for (const hit of order) {
        const [x, y] = middle(hit);
        const apart = (x - event.clientX) ** 2 + (y - event.clientY) ** 2;
        if (apart < least) [best, least] = [hit, apart];
      }
      if (best) show(best); else hide();
    });
    group.addEventListener("pointerleave", hide);
    group.addEventListener("focusin", (event) => show(event.target));
    group.addEventListener("focusout", hide);
    group.addEventListener("keydown", (event) => {
      const at = order.indexOf(event.target);
      const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1,
        Home: 0, End: order.length - 1 }[event.key];
      if (event.key === "Escape") hide();
      if (to === undefined || at < 0) return;
      event.preventDefault();
      const next = order[Math.min(Math.max(to, 0), order.length - 1)];
      event.target.setAttribute("tabindex", "-1");
      next.setAttribute("tabindex", "0");
      next.focus();
    });
  }
  // What has the focus keeps its tooltip when it is scrolled into view.
  addEventListener("scroll", () => {
    if (shown && shown === document.activeElement) place(shown); else hide();
  }, { passive: true, capture: true });
})();
