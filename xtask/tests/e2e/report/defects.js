// What is wrong with how the page that is open looks on a screen of this width, as a list of
// sentences; none when it is well. Every text that is shown counts: where it is, whether it is cut
// off, and its contrast. The width is given, because a telephone shows a page that is too wide
// smaller, and says that its window is as wide as that.
(width) => {
  const defects = [];
  const LEAST_CONTRAST = 4.5;
  // Rectangles are rounded to fractions of a pixel on their way here.
  const SLACK = 1;

  const named = (element) => {
    const id = element.id ? `#${element.id}` : "";
    const classes = [...element.classList].map((name) => `.${name}`).join("");
    return `<${element.tagName.toLowerCase()}${id}${classes}>`;
  };
  const quoted = (text) => JSON.stringify(text.trim().replace(/\s+/g, " ").slice(0, 60));

  // For those who listen: there, and one pixel large.
  const isForScreenReaders = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      const box = at.getBoundingClientRect();
      const clips = style.overflow !== "visible" || style.clipPath !== "none";
      if (style.position === "absolute" && clips && box.width <= 1 && box.height <= 1) return true;
    }
    return false;
  };

  const opacityOf = (element) => {
    let opacity = 1;
    for (let at = element; at; at = at.parentElement) opacity *= +getComputedStyle(at).opacity;
    return opacity;
  };

  // Pieces of text as they are shown: one for each text node.
  const shown = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility({ visibilityProperty: true })) continue;
    if (["SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE"].includes(element.tagName)) continue;
    if (element.closest("svg title, svg desc, svg metadata, option")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const boxes = [...range.getClientRects()].filter((box) => box.width > 0 && box.height > 0);
    if (boxes.length === 0 || opacityOf(element) === 0 || isForScreenReaders(element)) continue;
    shown.push({ text: node.data, element, boxes, box: range.getBoundingClientRect() });
  }

  // Overflow of the page.
  const root = document.documentElement;
  if (root.scrollWidth > width) {
    defects.push(`overflow: the page is ${root.scrollWidth} wide on ${width}`);
  }

  // What cuts text off, and what lets itself be scrolled instead.
  const scrolls = (element) => {
    for (let at = element; at && at !== document.body; at = at.parentElement) {
      if (["auto", "scroll"].includes(getComputedStyle(at).overflowX)) return true;
    }
    return false;
  };
  const cutters = new Set();
  for (const { text, element, boxes } of shown) {
    const isSvg = element instanceof SVGElement;
    const isScrolled = scrolls(element);
    for (const box of boxes) {
      // A link that is wholly beside the screen comes in when it has the focus.
      const waits = box.right <= 0 && element.closest("a[href]");
      const isOut = !waits && (box.left < -SLACK || box.right > width + SLACK);
      if (isOut && !isScrolled) defects.push(`clipped: ${quoted(text)} leaves the screen`);
    }
    for (let at = element; !isSvg && at && at !== root; at = at.parentElement) {
      const style = getComputedStyle(at);
      const hides = (value) => value === "hidden" || value === "clip";
      const isCut =
        (hides(style.overflowX) && at.scrollWidth > at.clientWidth + SLACK) ||
        (hides(style.overflowY) && at.scrollHeight > at.clientHeight + SLACK);
      if (isCut && !cutters.has(at)) {
        cutters.add(at);
        defects.push(`clipped: ${named(at)} hides a part of what is in it (${quoted(text)})`);
      }
      if (["auto", "scroll"].includes(style.overflowX)) break;
      if (["block", "table-cell", "flex", "grid", "list-item"].includes(style.display)) {
        const around = at.getBoundingClientRect();
        if (boxes.some((box) => box.right > around.right + SLACK)) {
          defects.push(`clipped: ${quoted(text)} leaves its ${named(at)}`);
        }
        break;
      }
    }
  }

  // Labels of a chart: within it, and each for itself.
  for (const svg of document.querySelectorAll("svg")) {
    // One that lets its labels out has them in the figure that it is in.
    const lets = getComputedStyle(svg).overflow === "visible";
    const around = ((lets && svg.closest("figure")) || svg).getBoundingClientRect();
    const labels = shown.filter(({ element }) => element.closest("svg") === svg);
    for (const { text, box } of labels) {
      const isOut =
        box.left < around.left - SLACK || box.right > around.right + SLACK ||
        box.top < around.top - SLACK || box.bottom > around.bottom + SLACK;
      if (isOut) defects.push(`clipped: the label ${quoted(text)} leaves its chart`);
    }
    labels.forEach((one, place) => {
      for (const other of labels.slice(place + 1)) {
        const wide = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
        const high = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
        // Boxes of text are higher than its letters.
        if (wide > SLACK && high > 3) {
          defects.push(`overlap: the labels ${quoted(one.text)} and ${quoted(other.text)}`);
        }
      }
    });
  }

  // Colours, in whatever way they are written, as red, green, blue (0 to 255) and alpha (0 to 1).
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const paint = canvas.getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const colour = (text) => {
    if (!known.has(text)) {
      paint.clearRect(0, 0, 1, 1);
      paint.fillStyle = text;
      paint.fillRect(0, 0, 1, 1);
      const [red, green, blue, alpha] = paint.getImageData(0, 0, 1, 1).data;
      known.set(text, [red, green, blue, alpha / 255]);
    }
    return known.get(text);
  };
  const over = ([r, g, b, alpha], behind) =>
    [r, g, b].map((part, place) => part * alpha + behind[place] * (1 - alpha));
  // <https://www.w3.org/TR/WCAG21/#dfn-relative-luminance>
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((part) => {
      const value = part / 255;
      return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  const faded = ([r, g, b, alpha], by) => [r, g, b, alpha * by];

  // What an element paints behind what is over it; `null` where that is no colour.
  const painted = (element, style) => {
    const opacity = opacityOf(element);
    if (element instanceof SVGElement && element.tagName.toLowerCase() !== "svg") {
      const shape = ["rect", "circle", "ellipse", "path", "polygon"];
      if (!shape.includes(element.tagName.toLowerCase()) || style.fill === "none") return [0, 0, 0, 0];
      if (style.fill.startsWith("url(")) return null;
      return faded(colour(style.fill), +style.fillOpacity * opacity);
    }
    if (style.backgroundImage !== "none") return null;
    return faded(colour(style.backgroundColor), opacity);
  };

  // Everything is in view and can be hit, so that what is behind a text is found.
  const sheet = document.createElement("style");
  sheet.textContent = "* { pointer-events: auto !important; transition: none !important; }";
  document.head.append(sheet);
  const probe = document.createElement("div");
  probe.style.cssText = "position: absolute; background: Canvas; width: 0; height: 0";
  document.body.append(probe);
  const paper = colour(getComputedStyle(probe).backgroundColor).slice(0, 3);
  probe.remove();
  const told = new Set();
  for (const { text, element, boxes } of shown) {
    const style = getComputedStyle(element);
    const isSvg = element instanceof SVGElement;
    const ink = faded(
      colour(isSvg ? style.fill : style.color),
      opacityOf(element) * (isSvg ? +style.fillOpacity : 1),
    );
    const box = boxes[0];
    for (const share of [0.1, 0.5, 0.9]) {
      const [x, y] = [box.left + box.width * share, box.top + box.height / 2];
      const stack = document.elementsFromPoint(x, y);
      const own = stack.findIndex((at) => at === element || element.contains(at));
      if (own < 0) {
        // Scrolled out of its container; seen when it is scrolled to.
        if (x < 0 || x > innerWidth || y > innerHeight || scrolls(element)) continue;
        defects.push(`covered: ${quoted(text)} at ${Math.round(x)},${Math.round(y)}`);
        break;
      }
      const above = stack.slice(0, own).map((at) => [at, painted(at, getComputedStyle(at))]);
      const cover = above.find(([, layer]) => layer === null || layer[3] > 0.1);
      if (cover) {
        defects.push(`covered: ${quoted(text)} by ${named(cover[0])}`);
        break;
      }
      const layers = stack.slice(isSvg ? own + 1 : own).map((at) => painted(at, getComputedStyle(at)));
      if (layers.includes(null)) {
        defects.push(`contrast: ${quoted(text)} is on a picture, and cannot be judged`);
        break;
      }
      const behind = layers.reverse().reduce((under, layer) => over(layer, under), paper);
      const ratio = contrast(over(ink, behind), behind);
      const said = `${named(element)} ${ink} on ${behind.map(Math.round)}`;
      if (ratio < LEAST_CONTRAST && !told.has(said)) {
        told.add(said);
        defects.push(`contrast: ${quoted(text)} has ${ratio.toFixed(2)}:1 (${said})`);
      }
    }
  }
  sheet.remove();
  return { defects: [...new Set(defects)], texts: shown.length };
}
