// What the server knows: all that it keeps of bookings is shown.

import { api, begin, chosenRun, getJson, say, t, wrong } from "./common.js";

async function start() {
  await begin();
  const { run } = await chosenRun();
  if (!run || !run.has_tables) return say(t("error_no_run"));
  const kept = await getJson(api(run.key, "bookings"));
  document.getElementById("kept").textContent = t("about_kept", { run: run.key, n: kept.booked, without: kept.without_place });
}

start().catch(wrong);
