// The controls of a view, in plain HTML elements: labelled, and used by keyboard as everywhere.
// Python says which (`fields`), gets what was chosen (`asked`), and answers (`answered`, `said`,
// `query`, `file`). While an answer is on its way only the latest choice waits.

let count = 0
const PATIENCE = 5000  // milliseconds; an answer takes half a second on a busy machine
const SILENCE = "No answer has come: what is shown is not what you chose. Where this stays, see whether"
  + " sweet-spot serve still runs, and load the page again."

function make(tag, attributes = {}, ...inside) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...inside)  // strings become text, never HTML
  return made
}

function slider(field, id) {
  const range = make("input", {
    type: "range", id, min: 0, max: field.points.length - 1, step: 1, value: field.at,
    "aria-describedby": `${id}-note`,
  })
  const output = make("span", {class: "value", "aria-hidden": "true"})  // aria-valuetext says it
  const show = () => {
    output.textContent = field.texts[range.value]
    range.setAttribute("aria-valuetext", field.texts[range.value])
  }
  range.addEventListener("input", show)
  show()
  return {range, output, number: () => String(field.points[range.value])}
}

function lever(field, change) {
  const id = `control-${++count}`
  const {range, output, number} = slider(field, id)
  range.setAttribute("aria-label", `${field.label}: value`)
  const on = make("input", {type: "checkbox", role: "switch", id: `${id}-on`})
  on.checked = field.on
  const box = make("div", {class: "lever"})
  const sign = field.kind === "event"
    ? make("select", {"aria-label": `${field.label}: above or below`},
        make("option", {value: ">"}, field.signs[0]), make("option", {value: "<"}, field.signs[1]))
    : null
  if (sign) sign.value = field.sign
  const tell = () => {
    box.classList.toggle("on", on.checked)
    change(field.name, on.checked ? (sign ? sign.value : "") + number() : "")
  }
  on.addEventListener("change", tell)
  range.addEventListener("input", () => { on.checked = true; tell() })
  if (sign) sign.addEventListener("change", () => { on.checked = true; tell() })
  box.classList.toggle("on", on.checked)
  box.append(
    make("div", {class: "line"}, on, make("label", {for: on.id}, field.label)),
    make("div", {class: "line"}, ...(sign ? [sign] : []), range, output),
    make("p", {class: "note", id: `${id}-note`}, field.note))
  return box
}

function choice(field, change) {
  const id = `control-${++count}`
  const list = make("select", {id}, ...field.options.map(([value, words]) =>
    make("option", {value}, words)))
  list.value = field.value
  list.addEventListener("change", () => change(field.name, list.value))
  return make("div", {class: "field"}, make("label", {for: id}, field.label), list)
}

function search(field, change) {
  const id = `control-${++count}`
  const input = make("input", {id, type: "search", maxlength: 100, autocomplete: "off"})
  input.value = field.value
  input.addEventListener("input", () => change(field.name, input.value))
  return make("div", {class: "field grow"}, make("label", {for: id}, field.label), input)
}

const KINDS = {lever, event: lever, choice, search}

function groups(fields, change) {
  const parts = []
  for (const field of fields) {
    const made = KINDS[field.kind](field, change)
    if (!field.group) { parts.push(made); continue }
    let group = parts.find((part) => part.dataset.group === field.group)
    if (!group) {
      group = make("details", {class: "group", "data-group": field.group},
        make("summary", {}, field.group))
      parts.push(group)
    }
    if (field.on || field.first) group.open = true
    group.append(made)
  }
  return parts
}

function save(file) {
  const bytes = Uint8Array.from(atob(file.content), (letter) => letter.charCodeAt(0))
  const url = URL.createObjectURL(new Blob([bytes], {type: "application/zip"}))
  const link = make("a", {href: url, download: file.name})
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10000)
}

export function render({model}) {
  const form = make("form", {class: `controls ${model.kind}`, "aria-label": model.title})
  const values = {...model.asked.values}
  let waiting = false
  let patience = 0
  const silence = make("p", {class: "warning", role: "alert"})
  silence.hidden = true
  const send = () => {
    if (model.answered !== model.asked.number) { waiting = true; return }
    waiting = false
    model.asked = {number: model.asked.number + 1, values: {...values}}
    clearTimeout(patience)
    patience = setTimeout(() => { silence.textContent = SILENCE; silence.hidden = false }, PATIENCE)
  }
  const change = (name, value) => {
    if (value === "") delete values[name]; else values[name] = value
    send()
  }
  form.addEventListener("submit", (event) => event.preventDefault())
  form.append(silence, ...groups(model.fields, change))
  const said = make("p", {role: "status", class: "said"}, model.said)
  const button = make("button", {type: "button", class: "export"}, "Download figure, data and Python")
  button.addEventListener("click", () => { button.disabled = true; model.wanted += 1 })
  form.append(make("div", {class: "foot"}, button), said)
  model.on("answered", () => {
    clearTimeout(patience)
    silence.hidden = true
    said.textContent = model.said
    if (model.served) history.replaceState(null, "", location.pathname + model.query)
    if (waiting) send()
  })
  model.on("file", () => { button.disabled = false; save(model.file) })
  return form
}
