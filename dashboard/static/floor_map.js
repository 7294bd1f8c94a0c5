// Draws the floor and moves what moves on it. Gets the picture once and the states as server-sent events, so that a
// hundred robots cost the page one small message a time and no work of the server's for each page element.
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const NEAR_METRES = 4;
  const TABLE_MILLISECONDS = 1000;
  // Gliding from place to place has the browser restyle every mover for every picture: fine for a few of them.
  const MOST_GLIDING = 20;
  const node = (name, attributes, parent, text) => {
    const one = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, value);
    if (text !== undefined) one.textContent = text;
    if (parent) parent.appendChild(one);
    return one;
  };
  const element = (name, parent, text) => {
    const one = document.createElement(name);
    if (text !== undefined) one.textContent = text;
    parent.appendChild(one);
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
      this.picture = await (await fetch(this.host.dataset.picture)).json();
      const {origin, size} = this.picture;
      this.top = origin[1] + size[1];
      this.box = {west: origin[0], south: origin[1], east: origin[0] + size[0], north: this.top};
      this.svg = node("svg", {role: "img", "aria-label": "Map of the floor; the table below says the same",
        preserveAspectRatio: "xMidYMid meet"}, this.host);
      this.ground = node("rect", {class: "floor"}, this.svg);
      this.frame();
      this.shutters = new Map();
      for (const zone of this.picture.zones) this.zone(zone);
      for (const lane of this.picture.lanes) this.line(lane, "lane");
      for (const lane of this.picture.narrow) this.line(lane, "lane narrow");
      for (const zone of this.picture.zones) this.zoneName(zone);
      this.closed = node("g", {}, this.svg);
      this.notes = new Map();
      for (const place of this.picture.places) this.place(place);
      this.ways = node("g", {}, this.svg);
      this.layer = node("g", {}, this.svg);
      this.table();
      this.hidden = () => (document.hidden ? this.pause() : this.listen());
      document.addEventListener("visibilitychange", this.hidden);
      this.watch = setInterval(() => { if (!this.host.isConnected) this.stop(); }, 5000);
      this.listen();
    }

    listen() {
      if (this.stream) return;
      this.stream = new EventSource(this.host.dataset.stream);
      this.stream.onmessage = (event) => this.show(JSON.parse(event.data));
    }

    pause() { if (this.stream) this.stream.close(); this.stream = null; }

    stop() {
      this.pause();
      clearInterval(this.watch);
      document.removeEventListener("visibilitychange", this.hidden);
    }

    y(north) { return this.top - north; }

    frame() {
      const {west, south, east, north} = this.box;
      const [width, height] = [east - west, north - south];
      for (const [key, value] of Object.entries({x: west, y: this.y(north), width, height})) this.ground.setAttribute(key, value);
      this.svg.setAttribute("viewBox", `${west - 1} ${this.y(north) - 1} ${width + 2} ${height + 2.5}`);
    }

    // Who has left the floor as it was known makes it larger.
    grow([east, north]) {
      const box = this.box;
      if (east >= box.west && east <= box.east && north >= box.south && north <= box.north) return;
      this.box = {west: Math.min(box.west, east - 1), south: Math.min(box.south, north - 1),
        east: Math.max(box.east, east + 1), north: Math.max(box.north, north + 1)};
      this.frame();
    }

    line([from, to], kind, parent) {
      return node("line", {x1: from[0], y1: this.y(from[1]), x2: to[0], y2: this.y(to[1]), class: kind}, parent || this.svg);
    }

    zone({name, area: [west, south, east, north]}) {
      this.shutters.set(name, node("rect", {x: west, y: this.y(north), width: east - west, height: north - south, class: "zone"}, this.svg));
    }

    zoneName({name, area: [west, , , north]}) {
      node("text", {x: west + 0.3, y: this.y(north) + 1, class: "note"}, this.svg, name);
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
        const aside = place.kind === "door" ? {x: 0, y: 1.7, "text-anchor": "middle"} : {x: width / 2 + 0.3, y: 0.28};
        this.notes.set(place.name, node("text", {...aside, class: "note"}, group, ""));
      }
      // Behind the name, which is still to be read.
      const middle = place.kind === "shelf" ? 1.5 : 0;
      group.insertBefore(node("path", {d: `M${middle - 0.8} 1.1l1.6-2.2`, class: "slash"}), group.querySelector("text"));
      this.shutters.set(place.name, group);
    }

    // What the map shows, in words: for screen readers, and for whoever unfolds it.
    table() {
      const fold = element("details", this.host);
      element("summary", fold, "The floor as a table");
      const scroll = element("div", fold);
      scroll.className = "scroll";
      scroll.tabIndex = 0;
      scroll.setAttribute("role", "group");
      scroll.setAttribute("aria-label", "Devices on the floor");
      const table = element("table", scroll);
      const head = element("tr", element("thead", table));
      for (const name of ["Device", "Place", "State", "Carries", "Note"]) element("th", head, name).scope = "col";
      this.rows = element("tbody", table);
      this.closedNote = element("p", fold, "");
      this.fold = fold;
      fold.addEventListener("toggle", () => this.tell());
    }

    tell() {
      if (!this.fold.open || !this.last) return;
      const movers = this.last.movers;
      while (this.rows.rows.length > movers.length) this.rows.deleteRow(-1);
      movers.forEach((mover, index) => {
        const row = this.rows.rows[index] || this.rows.insertRow();
        [mover.name, this.near(mover.at), mover.state, mover.load || "", mover.note].forEach((text, column) => {
          const cell = row.cells[column] || row.insertCell();
          if (cell.textContent !== text) cell.textContent = text;
        });
      });
      const count = this.last.closed.length;
      const shut = this.last.shut.length ? `Out of use or out of reach: ${this.last.shut.join(", ")}.` : "";
      const lanes = count ? `${count} ${count === 1 ? "lane is" : "lanes are"} closed.` : "";
      this.closedNote.textContent = [lanes, shut].filter(Boolean).join(" ");
      this.told = performance.now();
    }

    near([east, north]) {
      let best = null;
      for (const place of this.picture.places) {
        const metres = Math.hypot(place.at[0] - east, place.at[1] - north);
        if (metres < NEAR_METRES && (!best || metres < best.metres)) best = {metres, name: place.name};
      }
      const at = `${east.toFixed(1)}, ${north.toFixed(1)} m`;
      return best ? `${best.metres < 0.5 ? "at" : "near"} ${best.name} (${at})` : at;
    }

    mover({name, flies}) {
      if (this.movers.has(name)) return this.movers.get(name);
      const group = node("g", {class: "mover"}, this.layer);
      const one = {
        group,
        body: flies ? node("path", {d: "M0-.75.75 0 0 .75-.75 0Z", class: "body"}, group) : node("circle", {r: 0.55, class: "body"}, group),
        load: node("rect", {x: -0.28, y: -0.28, width: 0.56, height: 0.56, class: "load"}, group),
        label: node("text", {x: 0, y: -0.8, "text-anchor": "middle"}, group, name.replace(/^robot-/, "")),
        title: node("title", {}, group, name),
        way: node("polyline", {class: "way"}, this.ways),
      };
      group.addEventListener("click", () => { location.href = `${this.host.dataset.root}/device/${encodeURIComponent(name)}`; });
      this.movers.set(name, one);
      return one;
    }

    show(state) {
      this.last = state;
      const seen = new Set();
      for (const mover of state.movers) {
        const one = this.mover(mover);
        seen.add(mover.name);
        this.grow(mover.at);
        const at = `translate(${mover.at[0].toFixed(2)}px, ${this.y(mover.at[1]).toFixed(2)}px)`;
        if (one.at !== at) { one.group.style.transform = at; one.at = at; }
        const kind = `mover ${mover.state}${mover.note ? " faulty" : ""}`;
        if (one.kind !== kind) { one.group.setAttribute("class", kind); one.kind = kind; }
        const said = [mover.name, mover.state, mover.load ? `carries ${mover.load}` : "", mover.note].filter(Boolean).join(", ");
        if (one.said !== said) {
          one.title.textContent = one.said = said;
          one.load.style.display = mover.load ? "" : "none";
        }
        const way = mover.way.length
          ? [mover.at, ...mover.way].map(([east, north]) => `${east},${this.y(north)}`).join(" ") : "";
        if (one.line !== way) { one.way.setAttribute("points", way); one.line = way; }
      }
      for (const [name, one] of this.movers) {
        if (!seen.has(name)) { one.group.remove(); one.way.remove(); this.movers.delete(name); }
      }
      this.svg.classList.toggle("gliding", this.movers.size <= MOST_GLIDING);
      const closed = JSON.stringify(state.closed);
      if (closed !== this.shownClosed) {
        this.shownClosed = closed;
        this.closed.replaceChildren();
        for (const lane of state.closed) this.line(lane, "lane closed", this.closed);
      }
      const shut = new Set(state.shut);
      for (const [name, one] of this.shutters) one.classList.toggle("shut", shut.has(name));
      for (const [name, text] of Object.entries(state.places)) {
        const note = this.notes.get(name);
        if (note && note.textContent !== text) note.textContent = text;
      }
      if (performance.now() - (this.told || 0) > TABLE_MILLISECONDS) this.tell();
      // For whoever measures: when the last states were drawn.
      this.frames.push(performance.now());
      if (this.frames.length > 500) this.frames.shift();
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
