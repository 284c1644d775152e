// The first language that the reader's browser prefers and the report has; the fragment, which may name a cell or a view, stays.
const chosen = (navigator.languages ?? [navigator.language]).map((tag) => tag.slice(0, 2)).find((tag) => ["zh", "en"].includes(tag));
location.replace(`report.${chosen ?? "en"}.html${location.hash}`);
