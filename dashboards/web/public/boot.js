// Runs before the first paint, so that a chosen theme never flashes the other one.
(() => {
  const root = document.documentElement;
  try {
    const saved = JSON.parse(localStorage.getItem("tracklab.settings") ?? "{}");
    const settings = typeof saved.state === "object" && saved.state !== null ? saved.state : {};
    if (settings.theme === "light" || settings.theme === "dark") root.dataset.theme = settings.theme;
    if (typeof settings.density === "string") root.dataset.density = settings.density;
    if (typeof settings.language === "string" && settings.language !== "auto") root.lang = settings.language;
  } catch {
    // Storage may be blocked or hold foreign text: the system's theme is then right.
  }
})();
