// Draws the floor and moves what moves on it. Gets the picture once and the states as server-sent events, so that a
// hundred robots cost the page one small message a time and no work of the server's for each page element.
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const node = (name, attributes, parent, text) => {
    const one = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, value);
    if (text !== undefined) one.textContent = text;
    if (parent) parent.appendChild(one);
    return one;
  };

  class FloorMap {
    constructor(host) {
      this.host = host;
      this.movers = new Map();
      this.frames = [];
      this.start();
    }

    async start() {
      const picture = await (await fetch(this.host.dataset.picture)).json();
      this.height = picture.size[1];
      this.svg = node("svg", {
        viewBox: `-1 -1 ${picture.size[0] + 2} ${picture.size[1] + 2.5}`,
        role: "img", "aria-label": "Map of the floor", preserveAspectRatio: "xMidYMid meet",
      }, this.host);
      node("rect", {x: 0, y: 0, width: picture.size[0], height: picture.size[1], class: "floor"}, this.svg);
      for (const lane of picture.lanes) this.line(lane, "lane");
      for (const lane of picture.narrow) this.line(lane, "lane narrow");
      this.closed = node("g", {}, this.svg);
      this.notes = new Map();
      for (const place of picture.places) this.place(place);
      this.ways = node("g", {}, this.svg);
      this.layer = node("g", {}, this.svg);
      this.stream = new EventSource(this.host.dataset.stream);
      this.stream.onmessage = (event) => this.show(JSON.parse(event.data));
      this.watch = setInterval(() => { if (!this.host.isConnected) this.stop(); }, 5000);
    }

    stop() { this.stream.close(); clearInterval(this.watch); }
    y(north) { return this.height - north; }
    line([from, to], kind, parent) {
      return node("line", {x1: from[0], y1: this.y(from[1]), x2: to[0], y2: this.y(to[1]), class: kind}, parent || this.svg);
    }

    place(place) {
      const group = node("g", {class: `place ${place.kind}`, transform: `translate(${place.at[0]} ${this.y(place.at[1])})`}, this.svg);
      if (place.kind === "shelf") {
        node("rect", {x: 0.7, y: -1.1, width: 1.6, height: 2.2, rx: 0.2}, group);
        node("text", {x: 1.5, y: 0.3, "text-anchor": "middle"}, group, place.name.replace(/^shelf /, ""));
        this.notes.set(place.name, node("text", {x: 2.5, y: 0.3, class: "note"}, group, ""));
      } else if (place.kind === "charger") {
        node("rect", {x: -0.8, y: -0.8, width: 1.6, height: 1.6, rx: 0.3}, group);
        node("text", {x: 0, y: 1.6, "text-anchor": "middle"}, group, place.name);
      } else {
        const width = 0.55 * place.name.length;
        node("rect", {x: -width / 2, y: -0.8, width: width, height: 1.6, rx: 0.3}, group);
        node("text", {x: 0, y: 0.28, "text-anchor": "middle"}, group, place.name);
        this.notes.set(place.name, node("text", {x: width / 2 + 0.3, y: 0.28, class: "note"}, group, ""));
      }
    }

    mover(name) {
      if (this.movers.has(name)) return this.movers.get(name);
      const group = node("g", {class: "mover"}, this.layer);
      const one = {
        group,
        body: node("circle", {r: 0.55}, group),
        load: node("rect", {x: -0.28, y: -0.28, width: 0.56, height: 0.56, class: "load"}, group),
        label: node("text", {x: 0, y: -0.8, "text-anchor": "middle"}, group, name.replace(/^robot-/, "")),
        title: node("title", {}, group, name),
        way: node("polyline", {class: "way"}, this.ways),
      };
      this.movers.set(name, one);
      return one;
    }

    show(state) {
      const seen = new Set();
      for (const mover of state.movers) {
        const one = this.mover(mover.name);
        seen.add(mover.name);
        one.group.setAttribute("transform", `translate(${mover.at[0].toFixed(2)} ${this.y(mover.at[1]).toFixed(2)})`);
        const kind = `mover ${mover.state}${mover.note ? " faulty" : ""}`;
        if (one.kind !== kind) { one.group.setAttribute("class", kind); one.kind = kind; }
        one.load.style.display = mover.load ? "" : "none";
        const said = [mover.name, mover.state, mover.load ? `carries ${mover.load}` : "", mover.note].filter(Boolean).join(", ");
        if (one.said !== said) { one.title.textContent = said; one.said = said; }
        one.way.setAttribute("points", mover.way.length
          ? [mover.at, ...mover.way].map(([east, north]) => `${east},${this.y(north)}`).join(" ") : "");
      }
      for (const [name, one] of this.movers) {
        if (!seen.has(name)) { one.group.remove(); one.way.remove(); this.movers.delete(name); }
      }
      const closed = JSON.stringify(state.closed);
      if (closed !== this.shownClosed) {
        this.shownClosed = closed;
        this.closed.replaceChildren();
        for (const lane of state.closed) this.line(lane, "lane closed", this.closed);
      }
      for (const [name, text] of Object.entries(state.places)) {
        const note = this.notes.get(name);
        if (note && note.textContent !== text) note.textContent = text;
      }
      this.frames.push(performance.now());
      if (this.frames.length > 50) this.frames.shift();
      window.parleyFrames = this.frames;
    }
  }

  const begin = () => {
    for (const host of document.querySelectorAll(".floor-map:not([data-begun])")) {
      host.dataset.begun = "yes";
      new FloorMap(host);
    }
  };
  new MutationObserver(begin).observe(document.documentElement, {childList: true, subtree: true});
  begin();
})();
