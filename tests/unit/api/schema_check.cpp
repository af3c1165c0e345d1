#include "schema_check.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <regex>
#include <set>
#include <stdexcept>

namespace carevoice::api {

namespace json = boost::json;

namespace {

bool is_type(const json::value& value, std::string_view type) {
    if (type == "null") return value.is_null();
    if (type == "boolean") return value.is_bool();
    if (type == "integer") return value.is_int64() || value.is_uint64();
    if (type == "number") return value.is_number();
    if (type == "string") return value.is_string();
    if (type == "array") return value.is_array();
    if (type == "object") return value.is_object();
    throw std::logic_error("no JSON type: " + std::string(type));
}

bool has_type(const json::value& value, const json::value& types) {
    if (types.is_string()) return is_type(value, types.get_string());
    return std::ranges::any_of(types.as_array(),
                               [&](const json::value& one) { return is_type(value, one.as_string()); });
}

/// Every name that the schema or what it is made of declares.
void collect_names(const json::object& document, const json::object& schema, std::set<std::string>& names) {
    if (const auto* const properties = schema.if_contains("properties"))
        for (const auto& member : properties->as_object()) names.insert(std::string(member.key()));
    if (const auto* const parts = schema.if_contains("allOf"))
        for (const auto& part : parts->as_array()) collect_names(document, resolve(document, part.as_object()), names);
}

bool is_closed(const json::object& schema) {
    for (const char* const word : {"additionalProperties", "unevaluatedProperties"})
        if (const auto* const said = schema.if_contains(word); said != nullptr && said->is_bool() && !said->get_bool())
            return true;
    return false;
}

std::string object_fault(const json::object& document, const json::object& schema, const json::object& value,
                         const std::string& place) {
    if (const auto* const required = schema.if_contains("required"))
        for (const auto& name : required->as_array())
            if (!value.contains(name.as_string())) return place + ": " + std::string(name.as_string()) + " is missing";
    std::set<std::string> names;
    collect_names(document, schema, names);
    const auto* const properties = schema.if_contains("properties");
    const auto* const others = schema.if_contains("additionalProperties");
    for (const auto& member : value) {
        const auto inside = place + "." + std::string(member.key());
        const auto* const known = properties == nullptr ? nullptr : properties->as_object().if_contains(member.key());
        if (known != nullptr) {
            if (auto fault = schema_fault(document, known->as_object(), member.value(), inside); !fault.empty())
                return fault;
        } else if (is_closed(schema) && !names.contains(std::string(member.key()))) {
            return inside + " is not described";
        } else if (others != nullptr && others->is_object()) {
            if (auto fault = schema_fault(document, others->get_object(), member.value(), inside); !fault.empty())
                return fault;
        }
    }
    return {};
}

}  // namespace

const json::object& resolve(const json::object& document, const json::object& schema) {
    const auto* const reference = schema.if_contains("$ref");
    if (reference == nullptr) return schema;
    return document.at("components").at("schemas").at(reference->as_string().subview(21)).as_object();
}

std::string schema_fault(const json::object& document, const json::object& schema_or_reference,
                         const json::value& value, const std::string& place) {
    const auto& schema = resolve(document, schema_or_reference);
    if (const auto* const type = schema.if_contains("type"); type != nullptr && !has_type(value, *type))
        return place + " is not of type " + json::serialize(*type);
    if (const auto* const choices = schema.if_contains("enum");
        choices != nullptr && std::ranges::find(choices->as_array(), value) == choices->as_array().end())
        return place + " is not listed: " + json::serialize(value);
    if (const auto* const pattern = schema.if_contains("pattern"); pattern != nullptr && value.is_string())
        if (!std::regex_match(std::string(value.get_string()), std::regex(std::string(pattern->as_string()))))
            return place + " does not fit its pattern";
    if (const auto* const any = schema.if_contains("anyOf"))
        if (std::ranges::none_of(any->as_array(), [&](const json::value& one) {
                return schema_fault(document, one.as_object(), value, place).empty();
            }))
            return place + " fits none of its choices";
    if (const auto* const all = schema.if_contains("allOf"))
        for (const auto& part : all->as_array())
            if (auto fault = schema_fault(document, part.as_object(), value, place); !fault.empty()) return fault;
    if (const auto* const items = schema.if_contains("items"); items != nullptr && value.is_array())
        for (std::size_t i = 0; i < value.get_array().size(); ++i) {
            auto fault =
                schema_fault(document, items->as_object(), value.get_array()[i], place + "[" + std::to_string(i) + "]");
            if (!fault.empty()) return fault;
        }
    return value.is_object() ? object_fault(document, schema, value.get_object(), place) : std::string();
}

}  // namespace carevoice::api
