// The description of the JSON API, drawn from the document that the server gives of itself.

import { begin, element, getJson, t, wrong } from "./common.js";

function schemaWords(schema) {
  if (!schema) return "";
  if (schema.anyOf) return schema.anyOf.map(schemaWords).filter((word) => word !== "null").join(" | ");
  const limits = ["minimum", "maximum", "minLength", "maxLength", "pattern"].filter((name) => schema[name] !== undefined);
  return [schema.type || "", ...limits.map((name) => `${name} ${schema[name]}`)].join(", ");
}

function rows(operation, schemas) {
  const body = operation.requestBody?.content?.["application/json"]?.schema;
  const name = body?.$ref?.split("/").pop();
  const fields = Object.entries(name ? schemas[name].properties : {}).map(([field, schema]) => ({ name: field, in: "body", schema, description: schema.description, required: (schemas[name].required || []).includes(field) }));
  return [...(operation.parameters || []), ...fields];
}

function operationBlock(path, method, operation, schemas) {
  const asked = rows(operation, schemas);
  const table = element(
    "table",
    {},
    element("caption", {}, t("api_parameters")),
    element("thead", {}, element("tr", {}, ["api_name", "api_where", "api_type", "api_meaning"].map((key) => element("th", { scope: "col" }, t(key))))),
    element("tbody", {}, asked.map((one) => element("tr", {}, element("th", { scope: "row" }, one.required ? `${one.name} *` : one.name), element("td", {}, one.in), element("td", {}, schemaWords(one.schema)), element("td", {}, one.description || one.schema?.description || "")))),
  );
  const answers = Object.entries(operation.responses).map(([status, answer]) => element("li", {}, `${status}: ${answer.description}`));
  return element(
    "details",
    {},
    element("summary", {}, element("code", {}, `${method.toUpperCase()} ${path}`), ` ${operation.summary || ""}`),
    asked.length ? element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `${method} ${path}` }, table) : null,
    element("ul", {}, answers),
  );
}

async function start() {
  await begin();
  const description = await getJson("/api/v1/openapi.json");
  const schemas = description.components?.schemas || {};
  const blocks = Object.entries(description.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => operationBlock(path, method, operation, schemas)));
  document.getElementById("operations").append(...blocks);
}

start().catch(wrong);
