// Leaves out of the widget's libraries what the widget never asks of them. What is left is their own
// code, in which some expressions have one value for good, and from which some methods are missing.
import { SETTLED, UNCALLED } from "./settled.mjs";

/** Fails the build where a library no longer has the words: what replaces them is to be thought of. */
export const lean = {
  name: "lean",
  enforce: "pre",
  transform(code, id) {
    const path = id.replaceAll("\\", "/");
    const module = Object.keys(SETTLED).find((end) => path.endsWith(`/node_modules/${end}`));
    if (module === undefined) return undefined;
    const settled = SETTLED[module];
    const uncalled = UNCALLED[module]?.split(" ") ?? [];
    const { edits, met } = editsOf(this.parse(code), code, settled, uncalled);
    const missing = [...Object.keys(settled), ...uncalled].filter((words) => !met.has(words));
    if (missing.length > 0) this.error(`${module} no longer has: ${missing.join("; ")}`);
    return { code: edited(code, edits), map: null };
  },
};

/** Looks through a module from the outside in; what is set to a settled expression goes with it. */
function editsOf(module, code, settled, uncalled) {
  const edits = [];
  const met = new Set();
  const wordsOf = ({ start, end }) => code.slice(start, end).replace(/\s+/g, " ");
  const edit = ({ start, end }, words, value) => {
    met.add(words);
    edits.push({ start, end, value });
  };
  const look = (node) => {
    const words = wordsOf(node.type === "AssignmentExpression" ? node.left : node);
    if (Object.hasOwn(settled, words) && node.type !== "VariableDeclarator") {
      edit(node, words, `(${settled[words]})`);
    } else if (node.type === "MethodDefinition" && uncalled.includes(node.key.name)) {
      edit(node, node.key.name, "");
    } else valuesIn(node).forEach(look);
  };
  look(module);
  return { edits, met };
}

function edited(code, edits) {
  const lastFirst = [...edits].sort((one, other) => other.start - one.start);
  return lastFirst.reduce((text, { start, end, value }) => text.slice(0, start) + value + text.slice(end), code);
}

/** Where a child of a node is a name and no value. */
const NAMES = {
  CatchClause: ["param"],
  ExportNamedDeclaration: ["specifiers", "source"],
  ImportDeclaration: ["specifiers", "source"],
  LabeledStatement: ["label"],
  MethodDefinition: ["key"],
  UpdateExpression: ["argument"],
  VariableDeclarator: ["id"],
};

function valuesIn(node) {
  const names = new Set(NAMES[node.type]);
  if (node.type === "MemberExpression" && !node.computed) names.add("property");
  if (node.type === "Property" && !node.computed) names.add("key");
  if (/Function|Class/.test(node.type)) ["id", "params"].forEach((name) => names.add(name));
  return Object.entries(node)
    .filter(([name]) => !names.has(name))
    .flatMap(([, value]) => value)
    .filter((value) => typeof value?.type === "string");
}
