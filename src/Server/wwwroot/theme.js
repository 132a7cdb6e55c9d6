// Light, dark, or as the system has it. A cookie remembers it, so that the server sends each page in its colours.
(() => {
  const page = document.documentElement;
  const order = ['system', 'light', 'dark'];
  const words = { system: 'as the system', light: 'light', dark: 'dark' };
  const year = 365 * 24 * 60 * 60;

  const chosen = () => page.getAttribute('data-theme') ?? 'system';

  function tell() {
    const button = document.querySelector('[data-theme-switch]');
    if (button && button.title !== `Colours: ${words[chosen()]}`) {
      button.title = `Colours: ${words[chosen()]}`;
      button.setAttribute('aria-label', button.title);
    }
  }

  tell();
  document.addEventListener('click', event => {
    if (!event.target.closest('[data-theme-switch]')) {
      return;
    }
    const next = order[(order.indexOf(chosen()) + 1) % order.length];
    if (next === 'system') {
      page.removeAttribute('data-theme');
    } else {
      page.setAttribute('data-theme', next);
    }
    document.cookie = `raywright_theme=${next}; path=/; max-age=${year}; samesite=strict`;
    tell();
  });
})();
