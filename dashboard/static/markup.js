// Shows HTML that the server writes, and changes only what differs from what is shown: the focus, a scrolled list and the
// place at which a screen reader reads stay where they are. Buttons in it with `data-act` are told to the server.
const isSame = (have, want) =>
  have.nodeType === want.nodeType && have.nodeName === want.nodeName && have.dataset?.key === want.dataset?.key;

function patchAttributes(have, want) {
  for (const {name, value} of want.attributes) if (have.getAttribute(name) !== value) have.setAttribute(name, value);
  for (const {name} of [...have.attributes]) {
    // Whether something is folded is up to whoever looks at it.
    if (!want.hasAttribute(name) && !(name === "open" && have.nodeName === "DETAILS")) have.removeAttribute(name);
  }
}

function patchChildren(have, want) {
  const keyed = new Map([...have.children].filter((one) => one.dataset.key).map((one) => [one.dataset.key, one]));
  let at = have.firstChild;
  for (const fresh of [...want.childNodes]) {
    const old = fresh.dataset?.key ? keyed.get(fresh.dataset.key) : at;
    if (!old || !isSame(old, fresh)) {
      have.insertBefore(fresh, at);
      continue;
    }
    if (old !== at) have.insertBefore(old, at);
    if (old.nodeType === Node.ELEMENT_NODE) {
      patchAttributes(old, fresh);
      patchChildren(old, fresh);
    } else if (old.data !== fresh.data) old.data = fresh.data;
    at = old.nextSibling;
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

export default {
  template: `<component :is="tag"></component>`,
  props: {html: String, tag: String, follow: Boolean},
  emits: ["act"],
  mounted() {
    this.$el.innerHTML = this.html;
    this.$el.addEventListener("click", (event) => {
      const button = event.target.closest("[data-act]");
      if (button) this.$emit("act", {act: button.dataset.act, of: button.dataset.of});
    });
    this.scroll();
  },
  watch: {
    html(html) {
      const fresh = document.createElement(this.tag);
      fresh.innerHTML = html;
      const focused = this.$el.contains(document.activeElement) ? document.activeElement : null;
      const isAtEnd = this.$el.scrollTop + this.$el.clientHeight > this.$el.scrollHeight - 60;
      patchChildren(this.$el, fresh);
      if (focused && focused.isConnected && focused !== document.activeElement) focused.focus({preventScroll: true});
      if (focused && !focused.isConnected) this.rest();
      if (isAtEnd) this.scroll();
    },
  },
  methods: {
    // A button that has done its work is gone: the focus stays in its part of the page, and on no other button.
    rest() {
      const part = this.$el.closest("section, aside");
      if (!part) return;
      part.tabIndex = -1;
      part.focus({preventScroll: true});
    },
    scroll() { if (this.follow) this.$el.scrollTop = this.$el.scrollHeight; },
  },
};
