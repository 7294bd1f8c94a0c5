// Light or dark: as the system has it, until someone chooses; then so on every page of this browser.
(() => {
  const KEY = "parley-dark";
  const set = (isDark) => window.Quasar && window.Quasar.Dark.set(isDark);
  window.parleyLights = () => {
    const isDark = !document.body.classList.contains("body--dark");
    localStorage.setItem(KEY, isDark);
    set(isDark);
  };
  window.addEventListener("load", () => {
    const chosen = localStorage.getItem(KEY);
    if (chosen !== null) set(chosen === "true");
  });
})();
