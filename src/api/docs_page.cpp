#include "api/docs_page.h"

#include "core/text.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <string_view>
#include <utility>
#include <vector>

namespace carevoice::api {

namespace json = boost::json;

namespace {

constexpr std::string_view head = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Carevoice API</title>
<style>
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 25%, transparent); }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem 1.25rem 4rem; }
h1, h2 { line-height: 1.2; }
h2 { margin-top: 2.5rem; text-transform: capitalize; }
.skip { position: absolute; left: -100rem; }
.skip:focus { position: static; }
nav a { margin-right: 1rem; text-transform: capitalize; }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0; padding: .5rem .75rem; }
summary { cursor: pointer; }
summary b { display: inline-block; min-width: 4.5rem; }
summary span { display: block; margin-left: 4.5rem; opacity: .8; }
:focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-top: 1px solid var(--line); }
code, pre { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
pre { overflow: auto; padding: .75rem; border: 1px solid var(--line); border-radius: .5rem; white-space: pre-wrap; }
</style>
</head>
<body>
<a class="skip" href="#content">Skip to the routes</a>
)html";

constexpr std::string_view schema_prefix = "#/components/schemas/";
constexpr std::string_view parameter_prefix = "#/components/parameters/";

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    }
    return out;
}

/// "" when there is no such text.
std::string_view text_at(const json::object& object, std::string_view name) {
    const auto* const value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : std::string_view{};
}

const json::object* object_at(const json::object& object, std::string_view name) {
    const auto* const value = object.if_contains(name);
    return value == nullptr ? nullptr : value->if_object();
}

std::string list_of(const json::array& items, std::string_view separator) {
    std::string out;
    for (const auto& item : items) {
        if (!out.empty()) out += separator;
        out += item.is_string() ? escaped(item.get_string()) : json::serialize(item);
    }
    return out;
}

/// A schema in a few words, those with a name as links.
std::string type_of(const json::object& schema) {
    if (const auto target = text_at(schema, "$ref"); target.starts_with(schema_prefix)) {
        const auto name = escaped(target.substr(schema_prefix.size()));
        return "<a href=\"#" + name + "\">" + name + "</a>";
    }
    if (const auto* const choices = schema.if_contains("enum")) return list_of(choices->as_array(), " | ");
    if (const auto* const any = schema.if_contains("anyOf")) {
        std::string out;
        for (const auto& one : any->as_array()) out += (out.empty() ? "" : " or ") + type_of(one.as_object());
        return out;
    }
    std::string out;
    if (const auto* const type = schema.if_contains("type"))
        out = type->is_array() ? list_of(type->get_array(), " or ") : escaped(type->as_string());
    if (const auto* const items = object_at(schema, "items")) out += " of " + type_of(*items);
    if (const auto format = text_at(schema, "format"); !format.empty()) out += " (" + escaped(format) + ")";
    if (const auto* const least = schema.if_contains("minimum"))
        out += " " + json::serialize(*least) + " to " + json::serialize(schema.at("maximum"));
    return out;
}

bool is_required(const json::object& schema, std::string_view name) {
    const auto* const required = schema.if_contains("required");
    if (required == nullptr) return false;
    for (const auto& item : required->as_array())
        if (item.as_string() == name) return true;
    return false;
}

std::string row(std::string_view name, const std::string& type, bool required, std::string_view description) {
    return "<tr><td><code>" + escaped(name) + "</code>" + (required ? " <small>needed</small>" : "") + "</td><td>" +
           type + "</td><td>" + escaped(description) + "</td></tr>\n";
}

std::string table(const std::string& rows) {
    return "<table><thead><tr><th scope=\"col\">Name<th scope=\"col\">Type<th "
           "scope=\"col\">Meaning</tr></thead><tbody>\n" +
           rows + "</tbody></table>\n";
}

class Page {
public:
    explicit Page(const json::object& document)
        : document_(document), components_(document.at("components").as_object()) {}

    std::string render() {
        const auto& info = document_.at("info").as_object();
        std::string sections;
        std::string links;
        for (const std::string_view subject : {"calls", "patients", "alerts", "twilio", "service"}) {
            sections += section(subject);
            links += "<a href=\"#" + std::string(subject) + "\">" + std::string(subject) + "</a>";
        }
        return std::string(head) + "<header><h1>Carevoice API</h1><p>" + escaped(text_at(info, "description")) +
               " The same for programs: <a href=\"/openapi.json\">openapi.json</a>.</p></header>\n<nav "
               "aria-label=\"Subjects\">" +
               links + "<a href=\"#shapes\">shapes</a></nav>\n<main id=\"content\">\n" + sections + shapes() +
               "</main>\n</body>\n</html>\n";
    }

private:
    std::string section(std::string_view subject) const {
        std::string out = "<h2 id=\"" + std::string(subject) + "\">" + std::string(subject) + "</h2>\n";
        for (const auto& path : document_.at("paths").as_object())
            for (const auto& method : path.value().as_object()) {
                const auto& operation = method.value().as_object();
                if (operation.at("tags").as_array().at(0).as_string() == subject)
                    out += describe(path.key(), method.key(), operation);
            }
        return out;
    }

    std::string describe(std::string_view path, std::string_view method, const json::object& operation) const {
        std::string upper(method);
        for (char& letter : upper) letter = static_cast<char>(letter - 'a' + 'A');
        return "<details id=\"" + escaped(text_at(operation, "operationId")) + "\"><summary><b>" + upper +
               "</b><code>" + escaped(path) + "</code><span>" + escaped(text_at(operation, "summary")) +
               "</span></summary>\n" + access(operation) + parameters(operation) + body(operation) +
               answers(operation) + "</details>\n";
    }

    static std::string access(const json::object& operation) {
        const auto& security = operation.at("security").as_array();
        if (security.empty()) return "<p>Open to everybody.</p>\n";
        if (security.at(0).as_object().contains("apiKey"))
            return "<p>Needs <code>Authorization: Bearer KEY</code>.</p>\n";
        return "<p>Needs a valid <code>X-Twilio-Signature</code>.</p>\n";
    }

    std::string parameters(const json::object& operation) const {
        const auto* const listed = operation.if_contains("parameters");
        if (listed == nullptr) return {};
        std::string rows;
        for (const auto& item : listed->as_array()) {
            const auto* parameter = &item.as_object();
            if (const auto target = text_at(*parameter, "$ref"); !target.empty())
                parameter = object_at(components_.at("parameters").as_object(), target.substr(parameter_prefix.size()));
            if (parameter == nullptr) continue;
            rows += row(text_at(*parameter, "name"), type_of(parameter->at("schema").as_object()),
                        text_at(*parameter, "in") == "path", text_at(*parameter, "description"));
        }
        return "<h3>Parameters</h3>\n" + table(rows);
    }

    /// Media type and shape of a body; "" when there is none.
    static std::string content(const json::object& holder) {
        const auto* const kinds = object_at(holder, "content");
        if (kinds == nullptr || kinds->empty()) return {};
        const auto& kind = *kinds->begin();
        const auto& schema = kind.value().as_object().at("schema").as_object();
        return "<code>" + escaped(kind.key()) + "</code>: " + type_of(schema);
    }

    std::string body(const json::object& operation) const {
        const auto* const wanted = object_at(operation, "requestBody");
        if (wanted == nullptr) return {};
        return "<h3>Body</h3>\n<p>" + content(*wanted) + "</p>\n<p>" + escaped(text_at(*wanted, "description")) +
               "</p>\n";
    }

    static std::string answers(const json::object& operation) {
        std::string rows;
        for (const auto& answer : operation.at("responses").as_object()) {
            const auto& response = answer.value().as_object();
            rows += "<tr><td>" + escaped(answer.key()) + "</td><td>" + escaped(text_at(response, "description")) +
                    "</td><td>" + content(response) + "</td></tr>\n";
        }
        return "<h3>Answers</h3>\n<table><thead><tr><th scope=\"col\">Status<th scope=\"col\">Meaning<th scope=\"col\">"
               "Body</tr></thead><tbody>\n" +
               rows + "</tbody></table>\n";
    }

    std::string shapes() const {
        std::string out = "<h2 id=\"shapes\">Shapes</h2>\n";
        for (const auto& named : components_.at("schemas").as_object()) {
            const auto& schema = named.value().as_object();
            out += "<details open id=\"" + escaped(named.key()) + "\"><summary><code>" + escaped(named.key()) +
                   "</code><span>" + escaped(text_at(schema, "description")) + "</span></summary>\n";
            if (const auto* const parts = schema.if_contains("allOf"))
                for (const auto& part : parts->as_array()) out += "<p>All of " + type_of(part.as_object()) + ".</p>\n";
            if (const auto* const fields = object_at(schema, "properties"))
                out += table(field_rows(schema, *fields, ""));
            else
                out += "<p>" + type_of(schema) + "</p>\n";
            if (const auto* const example = schema.if_contains("example"))
                out += "<p>Example:</p><pre><code>" + escaped(json::serialize(*example)) + "</code></pre>\n";
            out += "</details>\n";
        }
        return out;
    }

    static std::string field_rows(const json::object& schema, const json::object& fields, const std::string& prefix) {
        std::string rows;
        for (const auto& field : fields) {
            const auto& inner = field.value().as_object();
            const std::string name = prefix + std::string(field.key());
            rows += row(name, type_of(inner), is_required(schema, field.key()), text_at(inner, "description"));
            if (const auto* const members = object_at(inner, "properties"))
                rows += field_rows(inner, *members, name + ".");
        }
        return rows;
    }

    const json::object& document_;
    const json::object& components_;
};

}  // namespace

std::string docs_page(const json::object& document) {
    return Page(document).render();
}

}  // namespace carevoice::api
