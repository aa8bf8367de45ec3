// Runs of a folder: listed, told apart, and one of them beside another.

import { api, element, getJson, number, state, t } from "./common.js";
import { tableBox } from "./figures.js";

export const runOption = (one) => element("option", { value: one.key }, `${one.key} (${t(`kind_${one.kind}`)})`);

// The facts of a run, of the same people as those of the run that it stands beside where it has them.
export async function otherPeople(key, people) {
  const said = await getJson(api(key, "").replace(/\/$/, ""));
  const same = said.baselines.find((one) => one.name === people);
  return same && same.key !== said.key ? getJson(api(same.key, "").replace(/\/$/, "")) : said;
}

const addressOf = (values) => {
  const kept = new URLSearchParams();
  for (const [name, value] of Object.entries({ lang: state.get("lang"), ...values })) if (value) kept.set(name, value);
  return `?${kept}`;
};

export function runsTable(runs, shown) {
  const own = shown.key.split("~")[0];
  const rows = runs.map((one) => {
    const isShown = one.key === own;
    const name = isShown ? element("strong", {}, one.key) : element("a", { href: addressOf({ run: one.key }) }, one.key);
    const beside = isShown || !one.has_tables || !shown.has_tables ? "" : element("a", { href: addressOf({ run: own, with: one.key }) }, t("put_beside", { run: one.key }));
    return element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, one.name), element("td", {}, t(`kind_${one.kind}`)), element("td", {}, one.created.slice(0, 16).replace("T", " ")), element("td", {}, number(one.replications)), element("td", {}, one.strategies.join(", ")), element("td", {}, beside));
  });
  const heads = ["run", "scenario", "kind", "created", "replications", "strategies", "strategy_beside"];
  const table = element("table", {}, element("caption", {}, t("runs")), element("thead", {}, element("tr", {}, heads.map((head) => element("th", { scope: "col" }, t(head))))), element("tbody", {}, rows));
  const csv = () => [["run", "scenario", "kind", "created", "replications", "strategies"], ...runs.map((one) => [one.key, one.name, one.kind, one.created, one.replications, one.strategies.join(" ")])];
  return tableBox("runs", t("runs"), table, csv);
}
