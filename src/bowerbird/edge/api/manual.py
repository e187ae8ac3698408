"""The OpenAPI document as a page to read: operations by tag, the shape of what goes in and out, the problems."""

import re
from html import escape
from typing import Any, Final, TypeAlias

from bowerbird.edge.api.page import page
from bowerbird.edge.http.problem import KNOWN

Json: TypeAlias = dict[str, Any]

_CODE: Final = re.compile(r"`([^`]+)`")
_RULES: Final = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "pattern": "matches {}",
    "default": "{} if left out",
}


def manual(document: Json) -> bytes:
    """Return the page."""
    info: Json = document["info"]
    sections = [
        f"<h1>{escape(info['title'])} API</h1>",
        *(f"<p>{_prose(part)}</p>" for part in info["description"].split("\n\n")),
        '<p>The same for programs: <a href="/openapi.json">openapi.json</a>.</p>',
        _contents(document),
        *(_tag(document, tag["name"]) for tag in document["tags"]),
        '<h2 id="shapes">Shapes</h2>',
        *(_shape(name, schema) for name, schema in document["components"]["schemas"].items()),
        '<h2 id="problems">Problems</h2>',
        _problems(),
    ]
    return page("API", "".join(sections))


def _contents(document: Json) -> str:
    names = [*(tag["name"] for tag in document["tags"]), "shapes", "problems"]
    links = (f'<li><a href="#{name}">{name}</a></li>' for name in names)
    return f'<nav aria-label="Contents"><ul>{"".join(links)}</ul></nav>'


def _tag(document: Json, tag: str) -> str:
    operations = (
        _operation(document, path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if tag in operation["tags"]
    )
    return f'<h2 id="{tag}">{tag}</h2>{"".join(operations)}'


def _operation(document: Json, path: str, method: str, operation: Json) -> str:
    who = _who(method, operation["security"])
    parts = [
        f'<article id="{operation["operationId"]}"><h3><span class="method {method}">{method.upper()}</span> ',
        f"{escape(path)}</h3><p>{_prose(operation['summary'])}</p>",
        f'<p class="who">{who}</p>',
    ]
    parameters = [_resolved(document, parameter) for parameter in operation["parameters"]]
    if parameters:
        parts.append(f"<h4>Parameters</h4><dl>{''.join(_parameter(parameter) for parameter in parameters)}</dl>")
    if "requestBody" in operation:
        parts.append(f"<h4>Body</h4><p>{_content(operation['requestBody'])}</p>")
    parts.append(f"<h4>Answers</h4><dl>{''.join(_answers(operation['responses']))}</dl></article>")
    return "".join(parts)


def _who(method: str, security: list[Json]) -> str:
    if not security:
        return "For anybody; nobody is asked who they are."
    if {} not in security:
        return "For those signed in."
    return "For anybody; signing in may show more." if method == "get" else "For anybody."


def _resolved(document: Json, parameter: Json) -> Json:
    if "$ref" not in parameter:
        return parameter
    return document["components"]["parameters"][parameter["$ref"].rsplit("/", 1)[1]]


def _parameter(parameter: Json) -> str:
    return (
        f"<dt><code>{escape(parameter['name'])}</code></dt>"
        f"<dd>{_prose(parameter.get('description', ''))} {_type(parameter['schema'])}</dd>"
    )


def _answers(responses: Json) -> list[str]:
    told = [_answer(status, response) for status, response in responses.items() if "$ref" not in response]
    problems = ", ".join(
        f'<a href="#problem-{response["$ref"].rsplit("/", 1)[1]}">{status}</a>'
        for status, response in responses.items()
        if "$ref" in response
    )
    return [*told, f"<dt>Problems</dt><dd>{problems}</dd>"]


def _answer(status: str, response: Json) -> str:
    content = _content(response) if "content" in response else escape(response["description"])
    return f"<dt>{status}</dt><dd>{content}</dd>"


def _content(holder: Json) -> str:
    return ", ".join(
        _type(media["schema"]) if "schema" in media else f"<code>{escape(kind)}</code>"
        for kind, media in holder["content"].items()
    )


def _shape(name: str, schema: Json) -> str:
    required = set(schema.get("required", ()))
    fields = (_field(field, inner, required=field in required) for field, inner in schema.get("properties", {}).items())
    return (
        f'<article id="shape-{name}"><h3>{name}</h3><p>{_prose(schema.get("description", ""))}</p>'
        f"<dl>{''.join(fields)}</dl></article>"
    )


def _field(name: str, schema: Json, *, required: bool) -> str:
    optional = "" if required else ' <span class="rule">optional</span>'
    about = _prose(schema.get("description", ""))
    return f"<dt><code>{escape(name)}</code></dt><dd>{_type(schema)}{optional} {about}</dd>"


def _type(schema: Json) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return f'<a href="#shape-{name}"><code>{name}</code></a>'
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    if "items" in schema:
        return f"list of {_type(schema['items'])}{_rules(schema)}"
    kind = schema.get("format") or schema.get("type", "anything")
    return f"<code>{escape(kind)}</code>{_rules(schema)}"


def _rules(schema: Json) -> str:
    rules = (
        text.format(escape(str(schema[rule])))
        for rule, text in _RULES.items()
        if rule in schema and schema[rule] not in ("", None)
    )
    told = ", ".join(rules)
    return f' <span class="rule">({told})</span>' if told else ""


def _problems() -> str:
    return "".join(
        f'<article id="problem-{code}"><h3>{known.status} <a href="/problems/{code}">{code}</a></h3>'
        f"<p>{escape(known.title)}. {_prose(known.meaning)}</p></article>"
        for code, known in KNOWN.items()
    )


def problem_page(code: str) -> bytes:
    """Return the page of one type of problem; KeyError when there is none of that code."""
    known = KNOWN[code]
    return page(
        known.title,
        f"<h1>{escape(known.title)}</h1><p>{_prose(known.meaning)}</p>"
        f'<p>Problem <code>{code}</code>, status {known.status}. <a href="/docs#problems">All problems</a></p>',
    )


def _prose(text: str) -> str:
    return _CODE.sub(r"<code>\1</code>", escape(text, quote=False))
