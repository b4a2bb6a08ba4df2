// The settings of the site, for VitePress.

/** Anchors as GitHub makes them, so that links work in both. */
function slugify(heading) {
  return heading.trim().toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");
}

const page = (text, name) => ({ text, link: `/${name}` });

export default {
  title: "@alerce/db-plugins",
  description:
    "One TypeScript model and one query interface over PostgreSQL and MongoDB",
  lang: "en",
  head: [["link", { rel: "icon", href: "data:," }]],
  markdown: { anchor: { slugify } },
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    nav: [
      page("Tutorial", "tutorial"),
      page("Queries", "queries"),
      page("Migrations", "migrations"),
      { text: "API", link: "/api/index.html", target: "_self" },
    ],
    sidebar: [
      {
        text: "Start",
        items: [
          page("Overview", ""),
          page("Tutorial", "tutorial"),
          page("From the Python db_plugins", "from-db-plugins"),
        ],
      },
      {
        text: "Use",
        items: [
          page("Models", "models"),
          page("Queries", "queries"),
          page("Sessions and transactions", "sessions"),
          page("Writing many tables together", "writer"),
          page("Web APIs", "web-api"),
          page("Middleware", "middleware"),
          page("Errors", "errors"),
          page("MongoDB", "mongodb"),
          page("Real alerts", "alerts"),
          page("ALeRCE's tables", "schema"),
          { text: "API reference", link: "/api/index.html", target: "_self" },
        ],
      },
      {
        text: "Operate",
        items: [
          page("Settings", "settings"),
          page("Migrations", "migrations"),
          page("Command line", "commands"),
          page("Operations", "operations"),
          page("Traces, metrics, and slow queries", "observability"),
          page("Performance", "performance"),
        ],
      },
      {
        text: "Change the library",
        items: [
          page("Design", "design"),
          page("Contributing", "contributing"),
          page("Changelog", "changelog"),
        ],
      },
    ],
  },
};
